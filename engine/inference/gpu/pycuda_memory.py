"""Device memory and pinned host memory of PyCUDA."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class PyCudaMemory:
    """Device memory; see `DeviceMemory`.

    Parameters
    ----------
    allocation
        PyCUDA's `DeviceAllocation`.
    nbytes
        Its size.
    """

    def __init__(self, allocation: Any, nbytes: int) -> None:
        self.address = int(allocation)
        self.nbytes = nbytes
        self._allocation = allocation

    def free(self) -> None:
        """Give it back."""
        allocation, self._allocation = self._allocation, None
        if allocation is not None:
            allocation.free()


class PyCudaPinned:
    """Pinned memory; see `PinnedMemory`.

    Parameters
    ----------
    array_u8
        (nbytes,), from `pagelocked_empty`; its base is the allocation.
    """

    def __init__(self, array_u8: NDArray[np.uint8]) -> None:
        self.nbytes = array_u8.nbytes
        self.array_u8 = array_u8

    def put(self, array: NDArray[Any]) -> None:
        """Copy to the start."""
        np.copyto(self.array_u8[: array.nbytes].view(array.dtype).reshape(array.shape), array)

    def taken(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Copy from the start."""
        nbytes = 4 * int(np.prod(shape))
        return self.array_u8[:nbytes].view(np.float32).reshape(shape).copy()

    def free(self) -> None:
        """Give it back."""
        allocation: Any = self.array_u8.base
        self.array_u8 = np.empty(0, np.uint8)
        if allocation is not None:
            allocation.free()
