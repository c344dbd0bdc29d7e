"""Photographs on a page: found by the flat board, mat, margin or film border around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .frame import frame_around
from .outline import Outline, outline_of
from .regions import labelled_regions

BLOCK: Final = 4
# A board is as light everywhere as at the border, within its own noise, and this much L* at least
# and at most: clean scans stay within 2, a lamp's falloff over an album page within 6.
_MIN_TOLERANCE: Final = 2.5
_MAX_TOLERANCE: Final = 6.0
# This much of a block, and of its neighbourhood, is board: the rest is dust, ink or lettering.
_FLAT_SHARE: Final = 0.9
_INKED_SHARE: Final = 0.45
# A border of which less is board belongs to a photograph that fills the picture.
_MIN_BORDER_SHARE: Final = 0.35
_MIN_AREA: Final = 0.012
_MIN_SIDE: Final = 0.07
# Black and white margins may be on one side only; a gray one might be a sky or a wall.
_BLACK_L: Final = 12.0
_WHITE_L: Final = 90.0
_MARGIN_SHARE: Final = 0.85
# Of the area of the prints; what else lies there and is no print makes the page a picture.
_MAX_STRAY: Final = 0.3
# Gray cards, wedges and labels: as light along each row or each column, within this much L*.
_CARD_L: Final = 2.5
# Lines and letters on paper: light, with little that is no paper, yet some.
_PAPER_L: Final = 70.0
_MIN_PAPER: Final = 0.93
_MIN_INK: Final = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What lies on a page.

    Parameters
    ----------
    prints
        The photographs, the largest first; empty if the page is no board with prints on it.
    is_line_work
        Whether it is text or a drawing on paper, without any photograph.
    """

    prints: tuple[Outline, ...] = ()
    is_line_work: bool = False


def may_be_page(l_plane: NDArray[np.float32]) -> bool:
    """Whether enough of the border is of one lightness; quick, and says yes rather than no.

    Parameters
    ----------
    l_plane
        (H, W) L* 0..100.
    """
    border = np.concatenate([l_plane[0], l_plane[-1], l_plane[:, 0], l_plane[:, -1]])
    return _mode(border)[1] >= _MIN_BORDER_SHARE


def find_prints(l_plane: NDArray[np.float32]) -> Page:
    """Find the photographs on a board.

    A board is flat, reaches the border, and what lies on it has straight or oval outlines. A sky
    or a studio's wall is flat and reaches the border too, but what stands before it is ragged: such
    a picture is no page.

    Parameters
    ----------
    l_plane
        (H, W) L* 0..100 of the whole page, H and W multiples of `BLOCK`, best with 384 pixels on
        the long side.
    """
    height, width = l_plane.shape
    border = np.concatenate([l_plane[0], l_plane[-1], l_plane[:, 0], l_plane[:, -1]])
    board_l, share = _mode(border)
    if share < _MIN_BORDER_SHARE:
        return Page()
    at_edge = border[np.abs(border - board_l) < _MAX_TOLERANCE]
    noise = 4 * 1.4826 * float(np.median(np.abs(at_edge - board_l)))
    is_near = np.abs(l_plane - board_l) < min(max(_MIN_TOLERANCE, 1 + noise), _MAX_TOLERANCE)
    near_share = is_near.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK).mean(axis=(1, 3))
    is_flat = near_share >= _FLAT_SHARE
    is_board = is_flat
    if board_l >= _PAPER_L:
        is_board = is_flat | (_box_mean(near_share) >= _INKED_SHARE)
    labels = labelled_regions(is_board)
    at_border = np.zeros_like(is_board)
    at_border[[0, -1]] = at_border[:, [0, -1]] = True
    is_outside = is_board & np.isin(labels, labels[at_border & is_board])
    prints, stray = _prints(~is_outside, l_plane)
    if prints and stray <= _MAX_STRAY * sum(p.area for p in prints):
        if _surrounds(is_outside, board_l):
            return Page(prints=tuple(prints))
        return Page()
    for near in (is_near, np.abs(l_plane - board_l) < _MAX_TOLERANCE):
        framed = frame_around(near, any_side=_any_side(board_l))
        if framed is not None:
            return Page(prints=(framed,))
    ink = float((is_board & ~is_flat).mean())
    is_paper = board_l >= _PAPER_L and is_board.mean() >= _MIN_PAPER
    return Page(is_line_work=bool(is_paper and ink >= _MIN_INK))


def _prints(
    is_content: NDArray[np.bool_], l_plane: NDArray[np.float32]
) -> tuple[list[Outline], float]:
    """The prints, the largest first, and the area of what is neither print nor card nor small."""
    labels = labelled_regions(is_content)
    counts = np.bincount(labels.ravel())
    prints: list[Outline] = []
    stray = 0.0
    for label in np.flatnonzero(counts >= _MIN_AREA * labels.size):
        region = labels == label
        if not is_content[region].any():
            continue
        outline = outline_of(region)
        if outline is None or min(outline.box.height, outline.box.width) < _MIN_SIDE:
            stray += counts[label] / labels.size
        else:
            prints.append(outline)
    prints.sort(key=lambda outline: -outline.area)
    return [p for p in prints if p is prints[0] or not _is_card(p, l_plane)], stray


def _is_card(outline: Outline, l_plane: NDArray[np.float32]) -> bool:
    inner = l_plane[outline.box.pixels(*l_plane.shape)]
    trim_y, trim_x = inner.shape[0] // 6, inner.shape[1] // 6
    inner = inner[trim_y : inner.shape[0] - trim_y, trim_x : inner.shape[1] - trim_x]
    return any((inner - inner.mean(axis=axis, keepdims=True)).std() < _CARD_L for axis in (0, 1))


def _surrounds(is_outside: NDArray[np.bool_], board_l: float) -> bool:
    """Whether a board is on enough sides to be one."""
    top, bottom, left, right = (
        side.mean() >= _MARGIN_SHARE
        for side in (is_outside[0], is_outside[-1], is_outside[:, 0], is_outside[:, -1])
    )
    if _any_side(board_l):
        return bool(top or bottom or left or right)
    return bool((top or bottom) and (left or right))


def _any_side(board_l: float) -> bool:
    return board_l <= _BLACK_L or board_l >= _WHITE_L


def _mode(l_values: NDArray[np.float32]) -> tuple[float, float]:
    """The commonest lightness, and the share of values that are near it."""
    counts = np.bincount(np.clip(l_values, 0, 100).astype(np.int64), minlength=101)
    near = np.convolve(counts, np.ones(7), mode="same")
    peak = int(near.argmax())
    is_near = np.abs(l_values - peak - 0.5) <= 3.5
    return float(np.median(l_values[is_near])), float(is_near.mean())


def _box_mean(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means over 3 x 3 neighbours."""
    padded = np.pad(plane, 1, mode="edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    mean: NDArray[np.float64] = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9
    return mean
