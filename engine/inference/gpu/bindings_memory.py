"""Device memory and pinned host memory of cuda-bindings."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bindings_session import BindingsSession


class BindingsMemory:
    """Device memory; see `DeviceMemory`.

    Parameters
    ----------
    session
        That frees it.
    address, nbytes
        Where it starts, and its size.
    """

    def __init__(self, session: BindingsSession, address: int, nbytes: int) -> None:
        self.address = address
        self.nbytes = nbytes
        self._session = session
        self._is_free = False

    def free(self) -> None:
        """Give it back; idempotent."""
        if not self._is_free:
            self._is_free = True
            self._session.disown(self)
            self._session.call("cuMemFree", self.address)


class BindingsPinned:
    """Pinned memory; see `PinnedMemory`.

    Parameters
    ----------
    session
        That frees it.
    address, nbytes
        Where it starts, and its size.
    """

    def __init__(self, session: BindingsSession, address: int, nbytes: int) -> None:
        self.address = address
        self.nbytes = nbytes
        self._session = session
        self._is_free = False
        buffer = (ctypes.c_uint8 * nbytes).from_address(address)
        self._array_u8: NDArray[np.uint8] = np.frombuffer(memoryview(buffer), np.uint8)

    def put(self, array: NDArray[Any]) -> None:
        """Copy to the start."""
        np.copyto(self._array_u8[: array.nbytes].view(array.dtype).reshape(array.shape), array)

    def taken(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Copy from the start."""
        nbytes = 4 * int(np.prod(shape))
        return self._array_u8[:nbytes].view(np.float32).reshape(shape).copy()

    def free(self) -> None:
        """Give it back; idempotent."""
        if not self._is_free:
            self._is_free = True
            self._array_u8 = np.empty(0, np.uint8)
            self._session.disown(self)
            self._session.call("cuMemFreeHost", self.address)
