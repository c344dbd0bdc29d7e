"""Panoramas in overlapping tiles."""

from __future__ import annotations

import math
from typing import Final

from .box import Box

# Longer than this a picture is squeezed, or its short side gets too few pixels.
MAX_ASPECT: Final = 3.0
_TILE_ASPECT: Final = 1.75
_OVERLAP: Final = 0.25


def tiles_of(box: Box, height: int, width: int) -> list[Box]:
    """Split a box into tiles along its long side; the box itself where it is no panorama.

    Parameters
    ----------
    box
        To split.
    height, width
        Of the whole picture, pixels.
    """
    aspect = box.width * width / (box.height * height)
    long = max(aspect, 1 / aspect)
    if long <= MAX_ASPECT:
        return [box]
    count = math.ceil((long / _TILE_ASPECT - _OVERLAP) / (1 - _OVERLAP))
    size = 1 / (count - (count - 1) * _OVERLAP)
    starts = [number * size * (1 - _OVERLAP) for number in range(count)]
    if aspect > 1:
        return [
            Box(box.top, box.left + at * box.width, box.bottom, box.left + (at + size) * box.width)
            for at in starts
        ]
    return [
        Box(box.top + at * box.height, box.left, box.top + (at + size) * box.height, box.right)
        for at in starts
    ]
