"""The outline of one print: four straight edges that may lean a little, or an oval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from .box import Box

# A print that was laid down by hand leans by up to 6 degrees.
_MAX_SLOPE: Final = 0.11
# An edge is straight as far as it lies within so many blocks of a line: all four together, and
# each. A sky as light as the board takes a bite out of an edge.
_STRAIGHT_BLOCKS: Final = 1.25
_MEAN_STRAIGHT: Final = 0.8
_MIN_STRAIGHT: Final = 0.5
_MIN_FILL: Final = 0.78
_MIN_OVAL: Final = 0.94


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Where a print lies.

    Parameters
    ----------
    box
        Around it.
    edges
        Of a print with straight edges, top, bottom, left and right: (offset, slope), fractions of
        the page's height (top, bottom) and width, along the box's width and height; empty of an
        oval one.
    area
        Of the box, as a share of the page.
    """

    box: Box
    edges: tuple[tuple[float, float], ...]
    area: float

    @classmethod
    def of_box(cls, box: Box) -> Self:
        """The outline of a rectangle."""
        edges = tuple((side, 0.0) for side in (box.top, box.bottom, box.left, box.right))
        return cls(box=box, edges=edges, area=box.area)

    def mask(self, height: int, width: int) -> NDArray[np.bool_]:
        """(height, width) of the whole page, True within the print."""
        y = ((np.arange(height) + 0.5) / height)[:, np.newaxis]
        x = ((np.arange(width) + 0.5) / width)[np.newaxis, :]
        if not self.edges:
            return _in_oval(y, x, self.box)
        (top, top_slope), (bottom, bottom_slope), (left, left_slope), (right, right_slope) = (
            self.edges
        )
        return (
            (y >= top + top_slope * x)
            & (y <= bottom + bottom_slope * x)
            & (x >= left + left_slope * y)
            & (x <= right + right_slope * y)
        )


def outline_of(region: NDArray[np.bool_]) -> Outline | None:
    """The outline of a region; None where it is neither straight-edged nor oval.

    Parameters
    ----------
    region
        (H, W) of the whole page, True within the one connected region.
    """
    height, width = region.shape
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    box = Box(top / height, left / width, bottom / height, right / width)
    inner = region[top:bottom, left:right]
    edges = _edges(inner, touches=(top == 0, bottom == height, left == 0, right == width))
    if edges is not None:
        scaled = tuple(
            _on_page(edge, start, along, across)
            for edge, start, along, across in zip(
                edges,
                ((top, left), (top, left), (left, top), (left, top)),
                (width, width, height, height),
                (height, height, width, width),
                strict=True,
            )
        )
        outline = Outline(box=box, edges=scaled, area=box.area)
        within = outline.mask(height, width)
        if within.any() and region[within].mean() >= _MIN_FILL:
            return outline
    oval = Outline(box=box, edges=(), area=box.area)
    within = oval.mask(height, width)
    overlap = (within & region).sum() / max(1, (within | region).sum())
    return oval if overlap >= _MIN_OVAL else None


def _edges(
    region: NDArray[np.bool_], *, touches: tuple[bool, bool, bool, bool]
) -> tuple[tuple[float, float], ...] | None:
    """Lines through top, bottom, left and right, in blocks from the region's corner."""
    profiles = (
        region.argmax(axis=0).astype(float),
        region.shape[0] - region[::-1].argmax(axis=0).astype(float),
        region.argmax(axis=1).astype(float),
        region.shape[1] - region[:, ::-1].argmax(axis=1).astype(float),
    )
    edges, straight = [], []
    for profile, at_border, end in zip(
        profiles, touches, (0, region.shape[0], 0, region.shape[1]), strict=True
    ):
        line, share = _line(profile)
        if at_border and share < _MEAN_STRAIGHT:
            line = (float(end), 0.0)
        else:
            straight.append(share)
        edges.append(line)
    if straight and (min(straight) < _MIN_STRAIGHT or np.mean(straight) < _MEAN_STRAIGHT):
        return None
    return tuple(edges)


def _line(profile: NDArray[np.float64]) -> tuple[tuple[float, float], float]:
    """Offset and slope of a line through a profile, and the share of it that lies there."""
    at = np.arange(len(profile)) + 0.5
    third = max(1, len(profile) // 3)
    rise = float(np.median(profile[-third:]) - np.median(profile[:third]))
    slope = rise / max(1, len(profile) - third)
    if abs(slope) > _MAX_SLOPE or abs(slope) * len(profile) < 1:
        slope = 0.0
    offset = float(np.median(profile - slope * at))
    share = float((np.abs(profile - offset - slope * at) <= _STRAIGHT_BLOCKS).mean())
    return (offset, slope), share


def _on_page(
    edge: tuple[float, float], start: tuple[int, int], along: int, across: int
) -> tuple[float, float]:
    """From blocks and the region's corner to fractions of the page."""
    offset, slope = edge
    return (offset + start[0] - slope * start[1]) / across, slope * along / across


def _in_oval(y: NDArray[np.float64], x: NDArray[np.float64], box: Box) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (
        ((y - (box.top + box.bottom) / 2) / (box.height / 2)) ** 2
        + ((x - (box.left + box.right) / 2) / (box.width / 2)) ** 2
    ) <= 1
    return inside
