"""Where the pixels of one size lie in another: the scalar functions of `reference.resample`."""

from __future__ import annotations

from typing import Final, TypeAlias

from numpy import float32, int32, uint32

from .binding import scalar
from .pixel_math import HALF, ONE, ZERO

Window: TypeAlias = tuple[int32, int32, float32, float32, float32]
"""First cell, number of cells, and the weights of the first, of inner ones and of the last.

A single cell has the weight 1 as the first, and 0 as the others."""

NO_WINDOW: Final = (int32(0), int32(0), ZERO, ZERO, ZERO)


@scalar
def place(index: int32, size_in: int32, size_out: int32) -> float32:
    """Position of output `index` among `size_in` cells: half-pixel centres, ends clamped."""
    centre = (float32(index) + HALF) * (float32(size_in) / float32(size_out)) - HALF
    return min(max(centre, ZERO), float32(int32(size_in - 1)))


@scalar
def window(index: int32, size_in: int32, size_out: int32) -> Window:
    """Return the cells that output `index` is the weighted sum of: their area, or between two.

    Cell edges are multiples of size_in / size_out; in integers, so that no sliver of a cell is
    left. Unsigned ones, because the GPU then divides in 32 bits. The product of both sizes must
    stay below 2^31.
    """
    if size_out > size_in:
        centre = place(index, size_in, size_out)
        first = int32(centre)
        part = centre - float32(first)
        return first, int32(2 if part > ZERO else 1), ONE - part, ZERO, part
    low = int32(index * size_in)
    high = int32(low + size_in)
    first = int32(uint32(low) // uint32(size_out))
    last = int32(uint32(high - 1) // uint32(size_out))
    if first == last:
        return first, int32(1), ONE, ZERO, ZERO
    scale = ONE / float32(size_in)
    first_weight = float32(int32((first + 1) * size_out - low)) * scale
    last_weight = float32(int32(high - last * size_out)) * scale
    return first, int32(last - first + 1), first_weight, float32(size_out) * scale, last_weight


@scalar
def weight(cells: Window, index: int32) -> float32:
    """Weight of cell `index`, counted from the first of its window."""
    _, count, first, inner, last = cells
    if index == 0:
        return first
    return last if index == count - 1 else inner


@scalar
def weighted_sum(cells: Window, total: int32, first: int32, last: int32) -> float32:
    """Sum of a window from the plain sum of its cells, and what the first and last hold."""
    _, _, first_weight, inner, last_weight = cells
    return (
        inner * float32(total)
        + (first_weight - inner) * float32(first)
        + (last_weight - inner) * float32(last)
    )
