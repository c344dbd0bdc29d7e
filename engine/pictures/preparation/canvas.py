"""Colours of several parts on one canvas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .box import Box
from .outline import Outline

_MAX_SIDE: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Colour of a part of a picture.

    Parameters
    ----------
    ab_planes
        (2, h, w).
    box
        The part.
    """

    ab_planes: NDArray[np.float32]
    box: Box


def assembled(
    pieces: Sequence[Piece], prints: Sequence[Outline], size: tuple[int, int] | None = None
) -> NDArray[np.float32]:
    """(2, H, W) a*, b* of a whole picture, of that size or as fine as the finest of the pieces.

    Pieces that overlap fade into one another; outside of all, and outside of the prints where there
    are any, there is no colour.
    """
    height, width = size or (
        min(_MAX_SIDE, max(round(p.ab_planes.shape[1] / p.box.height) for p in pieces)),
        min(_MAX_SIDE, max(round(p.ab_planes.shape[2] / p.box.width) for p in pieces)),
    )
    total = np.zeros((2, height, width))
    weights = np.full((height, width), 1e-9)
    for piece in pieces:
        rows, columns = piece.box.pixels(height, width)
        part = rows.stop - rows.start, columns.stop - columns.start
        fade = np.outer(_fade(part[0]), _fade(part[1]))
        total[:, rows, columns] += fade * resize_planes(piece.ab_planes, *part)
        weights[rows, columns] += fade
    total /= weights
    if prints:
        kept = np.zeros((height, width), bool)
        for outline in prints:
            kept |= outline.mask(height, width)
        total *= kept
    return total.astype(np.float32)


def resize_planes(planes: NDArray[np.float32], height: int, width: int) -> NDArray[np.float64]:
    """(n, h, w) to (n, height, width): averaged by area where it shrinks, else interpolated."""
    return _resized_axis(_resized_axis(planes.astype(np.float64), 1, height), 2, width)


def _resized_axis(planes: NDArray[np.float64], axis: int, size: int) -> NDArray[np.float64]:
    before = planes.shape[axis]
    if size == before:
        return planes
    across = (1, -1, 1) if axis == 1 else (1, 1, -1)
    if size < before:
        # Differences of running sums at the cells' edges: as `area_weights`, in less time.
        edges = np.arange(size + 1) * (before / size)
        cells = np.minimum(edges.astype(np.intp), before - 1)
        sums = planes.cumsum(axis) - planes
        at_edges = sums.take(cells, axis) + planes.take(cells, axis) * (edges - cells).reshape(
            across
        )
        averaged: NDArray[np.float64] = np.diff(at_edges, axis=axis) * (size / before)
        return averaged
    # As `bilinear_weights`, without products that are nearly all with 0.
    centres = np.clip((np.arange(size) + 0.5) * (before / size) - 0.5, 0, before - 1)
    low = np.minimum(centres.astype(np.intp), before - 1)
    high = np.minimum(low + 1, before - 1)
    share = (centres - low).reshape(across)
    grown: NDArray[np.float64] = (
        planes.take(low, axis) * (1 - share) + planes.take(high, axis) * share
    )
    return grown


def _fade(size: int) -> NDArray[np.float64]:
    """From almost none at both ends to 1 a quarter in."""
    at = (np.arange(size) + 0.5) / size
    fade: NDArray[np.float64] = np.minimum(1.0, 4 * np.minimum(at, 1 - at))
    return fade
