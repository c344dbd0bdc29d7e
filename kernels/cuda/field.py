"""Kernels on small planes: they make of a model's a* and b* the field that `enlarging` reads.

The field is a stack of planes of the size of the ab planes; `layout` names them. Without a guide it
is the offsets fx = a*/500 and fz = -b*/200 that CIELAB adds to f(Y). With one it is a line over the
guide's luma for each offset, fitted by a guided filter (`reference.upsample_guided`).
"""

from __future__ import annotations

import math

from numpy import float32, int32

from .binding import cuda
from .layout import GUIDE, SLOPES, STARTS, WINDOW_SLOPES, Floats
from .pixel_math import ONE, ZERO

CHROMA_LIMIT = float32(134)  # the farthest colour of sRGB, its blue, lies at 133.8
PER_FX = float32(1 / 500)
PER_FZ = float32(-1 / 200)
MOST_FINITE = float32(3.4028235e38)
FAR_BEYOND_LIMIT = float32(1e30)  # times any saturation of up to 1e6 it is still finite
GUIDE_EPSILON = float32(1e-2)


def ab_offsets(
    ab: Floats, index: int32, saturation: float32, field: Floats, height: int32, width: int32
) -> None:
    """Write fx and fz of the pair `index` of packed planes a*, b*: (height, width) each.

    Values that are not finite count as 0; chroma times `saturation` is limited, its hue kept.
    Compiled without fast arithmetic, which knows neither infinity nor numbers near the end.
    """
    x = cuda.grid(1)
    if x >= width:
        return
    cells = height * width
    cell = cuda.blockIdx.y * width + x
    a = ab[2 * index * cells + cell]
    b = ab[(2 * index + 1) * cells + cell]
    a = a if abs(a) <= MOST_FINITE else ZERO
    b = b if abs(b) <= MOST_FINITE else ZERO
    # A direction with one part of size 1, and how far to go there: no square can overflow.
    strength = max(abs(a), abs(b))
    if strength > ZERO:
        a /= strength
        b /= strength
        length = min(strength, FAR_BEYOND_LIMIT) * saturation
        strength = min(length, CHROMA_LIMIT / float32(math.sqrt(a * a + b * b)))
    field[STARTS * cells + cell] = strength * a * PER_FX
    field[(STARTS + 1) * cells + cell] = strength * b * PER_FZ


def window_slopes(field: Floats, height: int32, width: int32) -> None:
    """Fit a slope of fx and fz over the guide's luma in the window about each cell."""
    x = cuda.grid(1)
    if x >= width:
        return
    y = cuda.blockIdx.y
    cells = height * width
    count = guide_sum = guide_square = ZERO
    fx_sum = fz_sum = fx_product = fz_product = ZERO
    for row in range(max(y - 1, 0), min(y + 2, height)):
        for column in range(max(x - 1, 0), min(x + 2, width)):
            cell = row * width + column
            guide = field[GUIDE * cells + cell]
            fx = field[STARTS * cells + cell]
            fz = field[(STARTS + 1) * cells + cell]
            count += ONE
            guide_sum += guide
            guide_square += guide * guide
            fx_sum += fx
            fz_sum += fz
            fx_product += guide * fx
            fz_product += guide * fz
    share = ONE / count
    mean = share * guide_sum
    per_variance = ONE / (share * guide_square - mean * mean + GUIDE_EPSILON)
    cell = y * width + x
    slopes = WINDOW_SLOPES * cells
    field[slopes + cell] = share * (fx_product - mean * fx_sum) * per_variance
    field[slopes + cells + cell] = share * (fz_product - mean * fz_sum) * per_variance


def guided_lines(field: Floats, height: int32, width: int32) -> None:
    """Average the slopes over windows; offsets become intercepts of lines through themselves."""
    x = cuda.grid(1)
    if x >= width:
        return
    y = cuda.blockIdx.y
    cells = height * width
    count = fx_slope = fz_slope = ZERO
    for row in range(max(y - 1, 0), min(y + 2, height)):
        for column in range(max(x - 1, 0), min(x + 2, width)):
            neighbour = WINDOW_SLOPES * cells + row * width + column
            count += ONE
            fx_slope += field[neighbour]
            fz_slope += field[neighbour + cells]
    share = ONE / count
    fx_slope *= share
    fz_slope *= share
    cell = y * width + x
    guide = field[GUIDE * cells + cell]
    field[SLOPES * cells + cell] = fx_slope
    field[(SLOPES + 1) * cells + cell] = fz_slope
    field[STARTS * cells + cell] -= fx_slope * guide
    field[(STARTS + 1) * cells + cell] -= fz_slope * guide
