"""The margins around one print, found from the picture's border inwards."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .box import Box
from .outline import Outline

# A row of a margin is board but for lettering and notches.
_MARGIN_SHARE: Final = 0.8
# Behind a margin a print begins at once, along most of its edge: a head before a wall does not.
_STEP_PIXELS: Final = 4
_STEP_SHARE: Final = 0.5
# What is left must be worth the name of a picture.
_MIN_SIDE: Final = 0.25


def frame_around(is_near: NDArray[np.bool_], *, any_side: bool) -> Outline | None:
    """The one print within margins of a board; None if there are no margins with sharp edges.

    Parameters
    ----------
    is_near
        (H, W): True where a pixel is as light as the board.
    any_side
        Whether a margin on one side suffices; else one lies above or below, and one beside.
    """
    height, width = is_near.shape
    rows, columns = slice(0, height), slice(0, width)
    for _ in range(2):
        rows = _span(is_near[:, columns].mean(axis=1))
        if rows.stop == 0:
            return None
        columns = _span(is_near[rows].mean(axis=0))
    if rows.stop - rows.start < _MIN_SIDE * height:
        return None
    if columns.stop - columns.start < _MIN_SIDE * width:
        return None
    inner = ~is_near[rows, columns]
    margins = {
        "top": (rows.start > 0, inner[1 : 1 + _STEP_PIXELS]),
        "bottom": (rows.stop < height, inner[-1 - _STEP_PIXELS : -1]),
        "left": (columns.start > 0, inner[:, 1 : 1 + _STEP_PIXELS]),
        "right": (columns.stop < width, inner[:, -1 - _STEP_PIXELS : -1]),
    }
    there = {side for side, (is_there, _) in margins.items() if is_there}
    enough = there if any_side else there & {"top", "bottom"} and there & {"left", "right"}
    if not enough or any(margins[side][1].mean() < _STEP_SHARE for side in there):
        return None
    top, bottom = rows.start / height, rows.stop / height
    left, right = columns.start / width, columns.stop / width
    return Outline.of_box(Box(top, left, bottom, right))


def _span(near_share: NDArray[np.float64]) -> slice:
    """From the first to the last line that is no margin."""
    lines = np.flatnonzero(near_share < _MARGIN_SHARE)
    return slice(int(lines[0]), int(lines[-1]) + 1) if lines.size else slice(0, 0)
