"""What the engine asks of a GPU: so little that a NumPy fake with a conscience can stand in for it.

Work is put on streams and done later, in order within a stream; events order streams among each
other and tell the host when something is done. Nothing here waits but `synchronize`. A buffer may
be touched by one party at a time: whoever touches it next has to wait for an event after the last.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ....errors import BackendError
from ....kernels.cuda.launches import Launch


class DeviceError(BackendError):
    """A device failed; another may well do what was asked of it."""


class DeviceMemoryError(DeviceError):
    """The device has not enough memory; less at a time may fit."""


OLDEST: Final = (7, 5)  # Turing: TensorRT 10 and the kernels start there


def checked_gpu(
    ordinal: int, count: int, compute_capability: tuple[int, int] = OLDEST, label: str = ""
) -> None:
    """Check that a GPU is there and new enough.

    Parameters
    ----------
    ordinal
        The GPU that was requested.
    count
        Number of GPUs that the driver has.
    compute_capability
        Major and minor, once known.
    label
        Name of the GPU in the message.

    Raises
    ------
    BackendError
        There is no GPU of that number, or it is older than Turing.
    """
    if not 0 <= ordinal < count:
        there_is = "there is only cuda:0" if count == 1 else f"there are {count} GPUs"
        raise BackendError(f"--device cuda:{ordinal}: {there_is}, counted from 0")
    if compute_capability < OLDEST:
        major, minor = compute_capability
        raise BackendError(
            f"{label}: expected compute capability 7.5 (Turing) or newer, got {major}.{minor}; "
            "choose another GPU with --device cuda:N, or --device cpu"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryInfo:
    """Memory of a device, bytes; `free_bytes` at this moment, other processes counted in."""

    free_bytes: int
    total_bytes: int


class Event(Protocol):
    """A mark on a stream; done when all before it on that stream is done."""

    def synchronize(self) -> None:
        """Wait on this thread, without spinning; raises DeviceError if the work failed."""
        ...

    def elapsed_ms(self, since: Any) -> float:
        """Milliseconds from `since` to this event, by the device's clock: both made with `timed`, both done."""
        ...


class DeviceMemory(Protocol):
    """`nbytes` in device memory from `address` on, a multiple of 256."""

    @property
    def address(self) -> int: ...
    @property
    def nbytes(self) -> int: ...
    def free(self) -> None:
        """Give it back; idempotent."""
        ...


class PinnedMemory(Protocol):
    """Host memory that the device copies to and from by itself."""

    @property
    def nbytes(self) -> int: ...
    def put(self, array: NDArray[Any]) -> None:
        """Copy an array, packed, to the start."""
        ...

    def taken(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Copy float32 values from the start to a new array."""
        ...

    def free(self) -> None:
        """Give it back; idempotent."""
        ...


class Graph(Protocol):
    """Work that was recorded, to be started again with little effort."""

    def free(self) -> None:
        """Forget it; idempotent. It may not be running."""
        ...


class Stream(Protocol):
    """A queue of work.

    Attributes
    ----------
    handle
        The CUstream, as other libraries take it.
    """

    @property
    def handle(self) -> int: ...
    def upload(self, target: Any, source: Any, nbytes: int) -> None:
        """Copy from the start of pinned to the start of device memory."""
        ...

    def download(self, target: Any, source: Any, nbytes: int) -> None:
        """Copy from the start of device to the start of pinned memory."""
        ...

    def copy(self, target_address: int, source_address: int, nbytes: int) -> None:
        """Copy within the device, between addresses of device memory."""
        ...

    def record(self, event: Any) -> None:
        """Put the event behind what is queued."""
        ...

    def wait(self, event: Any) -> None:
        """Do what is queued from here on only when the event is done."""
        ...

    def launch(self, launch: Launch) -> None:
        """Queue one of the package's own kernels; its pointers are addresses."""
        ...

    def captured(self, work: Callable[[], None]) -> Graph | None:
        """Record what `work` queues here, in place of doing it; None where that is not possible."""
        ...

    def replay(self, graph: Any) -> None:
        """Queue what was recorded."""
        ...

    def synchronize(self) -> None:
        """Wait until all that is queued is done."""
        ...


class Device(Protocol):
    """One GPU.

    Attributes
    ----------
    ordinal
        Its number, as the driver counts.
    name
        As its maker names it.
    compute_capability
        Major and minor.
    driver_version
        Newest CUDA version that the driver serves, as it counts: 13000 is 13.0.
    """

    @property
    def driver_version(self) -> int: ...
    @property
    def ordinal(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def compute_capability(self) -> tuple[int, int]: ...
    def current(self) -> AbstractContextManager[None]:
        """Make it this thread's device for a while; all else here is called inside."""
        ...

    def allocate(self, nbytes: int) -> DeviceMemory:
        """Device memory, of whatever content; raises DeviceMemoryError."""
        ...

    def pinned(self, nbytes: int) -> PinnedMemory:
        """Pinned host memory, of whatever content; raises DeviceMemoryError."""
        ...

    def stream(self) -> Stream:
        """A new stream, independent of all others."""
        ...

    def event(self, *, timed: bool = False) -> Event:
        """A new event."""
        ...

    def memory_info(self) -> MemoryInfo:
        """Free and total memory of the device."""
        ...

    def close(self) -> None:
        """Free all that came from here, and the device; idempotent, takes no `current`."""
        ...
