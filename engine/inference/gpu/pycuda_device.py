"""A GPU through PyCUDA, in its primary context: that of PyTorch, Numba and TensorRT too."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from weakref import WeakSet

import numpy as np

from ....errors import BackendError
from ....kernels.cuda.module import module_image
from .protocol import MemoryInfo, checked_gpu
from .pycuda_memory import PyCudaMemory, PyCudaPinned
from .pycuda_session import PyCudaSession
from .pycuda_stream import PyCudaEvent, PyCudaStream

_NON_BLOCKING: Final = 1  # CU_STREAM_NON_BLOCKING: not held up by the legacy default stream


class PyCudaDevice:
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
        PyCUDA is not installed.
    """

    def __init__(self, ordinal: int = 0) -> None:
        session = self._session = PyCudaSession()
        self._context: Any = None
        self._module: Any = None
        with session.guard():
            count = session.driver.Device.count()
            checked_gpu(ordinal, count)
            device = session.driver.Device(ordinal)
            self.ordinal = ordinal
            self.driver_version = int(session.driver.get_driver_version())
            self.name: str = device.name()
            major, minor = device.compute_capability()
            self.compute_capability: tuple[int, int] = (major, minor)
            session.label = f"cuda:{ordinal} ({self.name})"
            checked_gpu(ordinal, count, self.compute_capability, session.label)
        self._context = session.primary_context(ordinal)
        _OPEN.add(self)

    @contextmanager
    def current(self) -> Iterator[None]:
        """Push the context on this thread and pop it again; see `Device.current`."""
        if self._context is None:
            raise BackendError(f"{self._session.label}: the device is closed")
        with self._session.guard():
            self._context.push()
        try:
            yield
        finally:
            # A thread that ends with a context on its stack takes the process with it.
            self._session.driver.Context.pop()

    def allocate(self, nbytes: int) -> PyCudaMemory:
        """Device memory; see `Device.allocate`."""
        session = self._session
        with session.guard():
            return session.own(PyCudaMemory(session.driver.mem_alloc(max(1, nbytes)), nbytes))

    def pinned(self, nbytes: int) -> PyCudaPinned:
        """Pinned host memory; see `Device.pinned`."""
        session = self._session
        with session.guard():
            array_u8 = session.driver.pagelocked_empty(max(1, nbytes), np.uint8)
            return session.own(PyCudaPinned(array_u8))

    def stream(self) -> PyCudaStream:
        """Make a stream; see `Device.stream`."""
        session = self._session
        with session.guard():
            stream = session.driver.Stream(_NON_BLOCKING)
            return session.own(PyCudaStream(session, stream, self._function))

    def event(self, *, timed: bool = False) -> PyCudaEvent:
        """Make an event; see `Device.event`."""
        session = self._session
        kinds = session.driver.event_flags
        # The cores have other work than to spin until the GPU is through.
        flags = int(kinds.BLOCKING_SYNC) | (0 if timed else int(kinds.DISABLE_TIMING))
        with session.guard():
            return session.own(PyCudaEvent(session, session.driver.Event(flags)))

    def memory_info(self) -> MemoryInfo:
        """Free and total memory of the device; see `Device.memory_info`."""
        with self._session.guard():
            free_bytes, total_bytes = self._session.driver.mem_get_info()
        return MemoryInfo(free_bytes=free_bytes, total_bytes=total_bytes)

    def close(self) -> None:
        """Free everything; see `Device.close`."""
        if self._context is None:
            return
        # After an error that killed the context nothing can be freed any more, nor need it be.
        with suppress(Exception), self.current():
            self._session.free_all()
            self._module = None
        _OPEN.discard(self)
        self._context = None

    def _function(self, name: str) -> Any:
        if self._module is None:
            image = module_image(self.compute_capability).image
            self._module = self._session.driver.module_from_buffer(image)
        return self._module.get_function(name)


_OPEN: Final[WeakSet[PyCudaDevice]] = WeakSet()


@atexit.register
def _close_all() -> None:
    """Leave nothing to the clean-up at exit, which comes too late for a GPU."""
    for device in tuple(_OPEN):
        device.close()
