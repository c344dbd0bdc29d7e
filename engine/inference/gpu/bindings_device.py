"""A GPU through cuda-bindings, in its primary context: that of PyTorch, Numba and TensorRT too."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any, Final
from weakref import WeakSet

import numpy as np

from ....errors import BackendError
from ....kernels.cuda.module import module_image
from .bindings_memory import BindingsMemory, BindingsPinned
from .bindings_session import BindingsSession
from .bindings_stream import BindingsEvent, BindingsStream
from .protocol import MemoryInfo, checked_gpu

_NON_BLOCKING: Final = 1  # CU_STREAM_NON_BLOCKING: not held up by the legacy default stream
_BLOCKING_SYNC: Final = 1  # CU_EVENT_BLOCKING_SYNC: the cores have other work than to spin
_DISABLE_TIMING: Final = 2  # CU_EVENT_DISABLE_TIMING
_PORTABLE: Final = 1  # CU_MEMHOSTALLOC_PORTABLE


class BindingsDevice:
    """A GPU; see `Device`.

    Parameters
    ----------
    ordinal
        Its number, as the driver counts.

    Raises
    ------
    BackendError
        There is no driver, no GPU of that number, or it is too old.
    MissingDependencyError
        cuda-bindings is not installed.
    """

    def __init__(self, ordinal: int = 0) -> None:
        session = self._session = BindingsSession()
        self._context: Any = None
        self._module: Any = None
        self._functions: dict[str, Any] = {}
        self._loading = Lock()
        count = session.call("cuDeviceGetCount")
        checked_gpu(ordinal, count)
        self._device = session.call("cuDeviceGet", ordinal)
        self.ordinal = ordinal
        self.driver_version = int(session.call("cuDriverGetVersion"))
        name: bytes = session.call("cuDeviceGetName", 256, self._device)
        self.name = name.partition(b"\0")[0].decode()
        session.label = f"cuda:{ordinal} ({self.name})"
        self.compute_capability: tuple[int, int] = (
            self._attribute("MAJOR"),
            self._attribute("MINOR"),
        )
        checked_gpu(ordinal, count, self.compute_capability, session.label)
        self._context = session.call("cuDevicePrimaryCtxRetain", self._device)
        _OPEN.add(self)

    @contextmanager
    def current(self) -> Iterator[None]:
        """Push the context on this thread and pop it again; see `Device.current`."""
        if self._context is None:
            raise BackendError(f"{self._session.label}: the device is closed")
        self._session.call("cuCtxPushCurrent", self._context)
        try:
            yield
        finally:
            self._session.call("cuCtxPopCurrent")

    def allocate(self, nbytes: int) -> BindingsMemory:
        """Device memory; see `Device.allocate`."""
        address = int(self._session.call("cuMemAlloc", max(1, nbytes)))
        return self._session.own(BindingsMemory(self._session, address, nbytes))

    def pinned(self, nbytes: int) -> BindingsPinned:
        """Pinned host memory; see `Device.pinned`."""
        nbytes = max(1, nbytes)
        address = int(self._session.call("cuMemHostAlloc", nbytes, _PORTABLE))
        return self._session.own(BindingsPinned(self._session, address, nbytes))

    def stream(self) -> BindingsStream:
        """Make a stream; see `Device.stream`."""
        handle = int(self._session.call("cuStreamCreate", _NON_BLOCKING))
        return self._session.own(BindingsStream(self._session, handle, self._function))

    def event(self, *, timed: bool = False) -> BindingsEvent:
        """Make an event; see `Device.event`."""
        flags = _BLOCKING_SYNC | (0 if timed else _DISABLE_TIMING)
        return self._session.own(
            BindingsEvent(self._session, self._session.call("cuEventCreate", flags))
        )

    def memory_info(self) -> MemoryInfo:
        """Free and total memory of the device; see `Device.memory_info`."""
        free_bytes, total_bytes = self._session.call("cuMemGetInfo")
        return MemoryInfo(free_bytes=int(free_bytes), total_bytes=int(total_bytes))

    def load_kernels(self) -> None:
        """Load the package's kernels, all at once: nothing may be loaded while a stream records."""
        with self._loading:
            if self._module is not None:
                return
            # It loads Numba where that is installed, which only those who start kernels pay for.
            from ....kernels.cuda.kernels import KERNELS  # noqa: PLC0415

            image = np.frombuffer(module_image(self.compute_capability).image, np.uint8)
            module = self._session.call("cuModuleLoadData", image.ctypes.data)
            for name in KERNELS:
                self._functions[name] = self._session.call(
                    "cuModuleGetFunction", module, name.encode()
                )
            self._module = module

    def close(self) -> None:
        """Free everything; see `Device.close`."""
        if self._context is None:
            return
        # After an error that killed the context nothing can be freed any more, nor need it be.
        with suppress(BackendError), self.current():
            self._session.free_all()
            if self._module is not None:
                self._session.call("cuModuleUnload", self._module)
        self._module, self._context = None, None
        self._functions.clear()
        _OPEN.discard(self)
        with suppress(BackendError):
            self._session.call("cuDevicePrimaryCtxRelease", self._device)

    def _attribute(self, part: str) -> int:
        kinds = self._session.driver.CUdevice_attribute
        kind = getattr(kinds, f"CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_{part}")
        return int(self._session.call("cuDeviceGetAttribute", kind, self._device))

    def _function(self, name: str) -> Any:
        self.load_kernels()
        return self._functions[name]


_OPEN: Final[WeakSet[BindingsDevice]] = WeakSet()


@atexit.register
def _close_all() -> None:
    """Leave nothing to the clean-up at exit, which comes too late for a GPU."""
    for device in tuple(_OPEN):
        device.close()
