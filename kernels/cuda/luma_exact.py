"""The chroma that gives a luma its colour and leaves it as it is; `reference.chroma_planes`."""

from __future__ import annotations

from typing import Final

from numpy import float32, int32

from ..reference.ycbcr import CB_SCALE, CR_SCALE
from .binding import scalar
from .pixel_math import (
    BYTE_TOP,
    CODED_OFFSET,
    F_KNEE,
    ZERO,
    coded_beyond,
    f_from_gray,
    linear_chroma,
    luma_from_rgb,
    luminance_from_f,
    reach,
)

MOST_ROUNDS: Final = 12  # two or three do for the colours of photographs
LUMA_TOLERANCE: Final = float32(0.15 / 255)
LEAST_MOVE: Final = float32(1e-4)  # that still measures a slope
LEAST_SLOPE: Final = float32(0.3)  # of the gray's
MOST_SLOPE: Final = float32(3)
GRAY_SLOPE: Final = float32(1.25)  # coded + 0.055 = 1.055 f^1.25 above the knee of f
GRAY_SLOPE_BELOW: Final = float32(12.92 * 3 * (6 / 29) ** 2)

CB_PER_BLUE: Final = float32(255 / CB_SCALE)
CR_PER_RED: Final = float32(255 / CR_SCALE)
CHROMA_CENTRE: Final = float32(128.5)  # with the half that rounds


@scalar
def chroma_from_luma(luma: float32, fx: float32, fz: float32) -> int32:
    """Cb, in the lowest byte, and Cr that give a luma of 0..1 the offsets `fx`, `fz`.

    Finds the f whose colour has the luma by the secant method, from the gray of that luma on. What
    is left of the luma's error hardly moves the chroma, which is taken against the luma reached.
    """
    f = f_from_gray(luma)
    slope = usual_slope = _gray_slope(luma, f)
    last_f, last_error = f, ZERO
    red = green = blue = ZERO
    for _ in range(MOST_ROUNDS):
        luminance = luminance_from_f(f)
        red, green, blue = linear_chroma(f, luminance, fx, fz)
        red = coded_beyond(luminance + red)
        green = coded_beyond(luminance + green)
        blue = coded_beyond(luminance + blue)
        reached = luma_from_rgb(red, green, blue)
        red, green, blue = red - reached, green - reached, blue - reached
        error = reached - luma
        if abs(error) <= LUMA_TOLERANCE:
            break
        # The secant's slope, held near that of the grays: it may be lost where sRGB ends.
        moved = f - last_f
        if abs(moved) > LEAST_MOVE:
            measured = (error - last_error) / moved
            slope = min(max(measured, LEAST_SLOPE * usual_slope), MOST_SLOPE * usual_slope)
        last_f, last_error = f, error
        f -= error / slope
    share = reach(luma, red, green, blue)
    cb = _offset_binary(share * blue * CB_PER_BLUE)
    cr = _offset_binary(share * red * CR_PER_RED)
    return int32(cb | cr << 8)


@scalar
def _gray_slope(coded: float32, f: float32) -> float32:
    """Slope of luma over f along the grays."""
    return GRAY_SLOPE * (coded + CODED_OFFSET) / f if f > F_KNEE else GRAY_SLOPE_BELOW


@scalar
def _offset_binary(chroma: float32) -> int32:
    return int32(min(chroma + CHROMA_CENTRE, BYTE_TOP))
