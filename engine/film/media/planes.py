"""The planes of a frame as arrays, without a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import VideoFrame


def plane_of(frame: VideoFrame, index: int, depth: int) -> NDArray[Any]:
    """One plane of a planar frame.

    Parameters
    ----------
    frame
        Owns the memory, and must outlive the array.
    index
        Of the plane.
    depth
        Bits of a sample.

    Returns
    -------
    NDArray
        (height, width) uint8, or uint16 above 8 bits; writable if the frame is.
    """
    plane: Any = frame.planes[index]
    dtype: Any = np.uint8 if depth == 8 else np.uint16
    rows: NDArray[Any] = np.frombuffer(plane, dtype).reshape(plane.height, -1)
    if plane.line_size < 0:  # stored from the bottom up
        rows = rows[::-1]
    return rows[:, : plane.width]
