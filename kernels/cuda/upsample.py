"""Reading the field between its cells: bilinear, or along the guide's luma.

The pixels of a thread lie side by side, and mostly between the same two columns of the field. What
those hold at the height of the pixels is read once and kept until a pixel leaves them.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from numpy import float32, int32

from .binding import scalar
from .layout import SLOPES, STARTS, Floats
from .pixel_math import ZERO
from .resampling import place

Rows: TypeAlias = tuple[int32, int32, float32]
"""Where the rows above and below start in a plane, and how far down between them."""

Pair: TypeAlias = tuple[float32, float32]
"""Value in the left of two columns, and the step to the right one."""

Columns: TypeAlias = tuple[int32, Pair, Pair, Pair, Pair]
"""The left column; there, starts of fx and fz, slopes of fx and fz."""

NO_PAIR: Final = (ZERO, ZERO)
NO_COLUMNS: Final = (int32(-1), NO_PAIR, NO_PAIR, NO_PAIR, NO_PAIR)


@scalar
def rows_about(y: int32, height: int32, small_height: int32, small_width: int32) -> Rows:
    """Return the rows of the field about row `y` of a picture."""
    down = place(y, small_height, height)
    above = int32(down)
    below = min(int32(above + 1), int32(small_height - 1))
    return int32(above * small_width), int32(below * small_width), down - float32(above)


@scalar
def columns_about(
    across: float32,
    held: Columns,
    field: Floats,
    rows: Rows,
    small_height: int32,
    small_width: int32,
    guided: bool,
) -> Columns:
    """Return the columns of the field about a place; those held, when they are."""
    left = int32(across)
    if left == held[0]:
        return held
    right = min(int32(left + 1), int32(small_width - 1))
    cells = small_height * small_width
    return (
        left,
        _pair(field, STARTS * cells, rows, left, right),
        _pair(field, (STARTS + 1) * cells, rows, left, right),
        _pair(field, SLOPES * cells, rows, left, right) if guided else NO_PAIR,
        _pair(field, (SLOPES + 1) * cells, rows, left, right) if guided else NO_PAIR,
    )


@scalar
def offsets_at(across: float32, columns: Columns, luma: float32, guided: bool) -> Pair:
    """Return fx and fz at a place between the columns, for a pixel of that luma."""
    left, fx_start, fz_start, fx_slope, fz_slope = columns
    part = across - float32(left)
    fx = _between(fx_start, part)
    fz = _between(fz_start, part)
    if guided:
        fx += luma * _between(fx_slope, part)
        fz += luma * _between(fz_slope, part)
    return fx, fz


@scalar
def _pair(field: Floats, plane: int32, rows: Rows, left: int32, right: int32) -> Pair:
    above, below, part = rows
    upper, lower = plane + above, plane + below
    value = field[upper + left] + part * (field[lower + left] - field[upper + left])
    neighbour = field[upper + right] + part * (field[lower + right] - field[upper + right])
    return value, neighbour - value


@scalar
def _between(pair: Pair, part: float32) -> float32:
    return pair[0] + part * pair[1]
