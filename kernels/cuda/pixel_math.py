"""Colour science of one pixel in float32, for kernels to call.

The twin of `kernels.reference`, which cites the sources. The functions are plain Python: compiled
they become straight-line code of the GPU, and called they compute the same with NumPy scalars. A
constant is a float32 object, for Numba takes a bare literal for float64 and computes in it; what
`math` returns is cast for the same reason.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

from numpy import float32, int32

from ..reference.colorspace import LINEAR_FROM_XYZ, WHITE_XYZ, XYZ_FROM_LINEAR
from ..reference.recolor import SRGB_END_SLOPE
from ..reference.ycbcr import LUMA_WEIGHTS
from .binding import scalar

Rgb: TypeAlias = tuple[float32, float32, float32]

ZERO: Final = float32(0)
ONE: Final = float32(1)
HALF: Final = float32(0.5)
BYTE_TOP: Final = float32(255)
PER_BYTE: Final = float32(1 / 255)

CODED_KNEE: Final = float32(0.04045)
LINEAR_KNEE: Final = float32(0.0031308)
CODED_OFFSET: Final = float32(0.055)
CODED_SCALE: Final = float32(1.055)
PER_CODED_SCALE: Final = float32(1 / 1.055)
CODED_SLOPE: Final = float32(12.92)
PER_CODED_SLOPE: Final = float32(1 / 12.92)
CODED_END_SLOPE: Final = float32(SRGB_END_SLOPE)
DECODING_POWER: Final = float32(2.4)
CODING_POWER: Final = float32(1 / 2.4)

THIRD: Final = float32(1 / 3)
F_KNEE: Final = float32(6 / 29)
Y_KNEE: Final = float32((6 / 29) ** 3)
F_SLOPE: Final = float32((29 / 6) ** 2 / 3)
PER_F_SLOPE: Final = float32(3 * (6 / 29) ** 2)
F_OFFSET: Final = float32(4 / 29)
L_SCALE: Final = float32(116)
L_OFFSET: Final = float32(16)

Y_RED, Y_GREEN, Y_BLUE = (float32(weight) for weight in XYZ_FROM_LINEAR[1])
LUMA_RED, LUMA_GREEN, LUMA_BLUE = (float32(weight) for weight in LUMA_WEIGHTS)

# What X and Z, over their whites, add to R, G and B.
RED_OF_X, GREEN_OF_X, BLUE_OF_X = (float32(part) for part in LINEAR_FROM_XYZ[:, 0] * WHITE_XYZ[0])
RED_OF_Z, GREEN_OF_Z, BLUE_OF_Z = (float32(part) for part in LINEAR_FROM_XYZ[:, 2] * WHITE_XYZ[2])

TINY: Final = float32(1e-20)


@scalar
def unit(value: float32) -> float32:
    """Clip to 0..1."""
    return min(max(value, ZERO), ONE)


@scalar
def linear_from_coded(coded: float32) -> float32:
    """Undo the sRGB transfer function, 0..1."""
    curved = float32(math.pow((coded + CODED_OFFSET) * PER_CODED_SCALE, DECODING_POWER))
    return coded * PER_CODED_SLOPE if coded <= CODED_KNEE else curved


@scalar
def coded_from_linear(linear: float32) -> float32:
    """Apply the sRGB transfer function, 0..1."""
    curved = CODED_SCALE * float32(math.pow(linear, CODING_POWER)) - CODED_OFFSET
    return CODED_SLOPE * linear if linear <= LINEAR_KNEE else curved


@scalar
def coded_beyond(linear: float32) -> float32:
    """Return the same continued: odd below 0, straight on above 1."""
    size = abs(linear)
    inside = min(size, ONE)
    coded = coded_from_linear(inside) + CODED_END_SLOPE * (size - inside)
    return -coded if linear < ZERO else coded


@scalar
def f_from_luminance(luminance: float32) -> float32:
    """CIELAB's f of a luminance of 0..1."""
    curved = float32(math.pow(luminance, THIRD))
    return curved if luminance > Y_KNEE else F_SLOPE * luminance + F_OFFSET


@scalar
def luminance_from_f(f: float32) -> float32:
    """Undo `f_from_luminance`."""
    return f * f * f if f > F_KNEE else (f - F_OFFSET) * PER_F_SLOPE


@scalar
def f_from_rgb(red: float32, green: float32, blue: float32) -> float32:
    """CIELAB's f of gamma-coded RGB, 0..1."""
    return f_from_luminance(
        Y_RED * linear_from_coded(red)
        + Y_GREEN * linear_from_coded(green)
        + Y_BLUE * linear_from_coded(blue)
    )


@scalar
def f_from_gray(coded: float32) -> float32:
    """CIELAB's f of a gamma-coded gray, 0..1."""
    return f_from_luminance(linear_from_coded(coded))


@scalar
def luma_from_rgb(red: float32, green: float32, blue: float32) -> float32:
    """Luma of gamma-coded RGB in its unit."""
    return LUMA_RED * red + LUMA_GREEN * green + LUMA_BLUE * blue


@scalar
def linear_chroma(f: float32, luminance: float32, fx: float32, fz: float32) -> Rgb:
    """Difference of a linear colour from the gray of its luminance, f(Y) = `f`.

    It depends on X - Y and Z - Y alone, for the rows of the matrix sum to 1, and is exactly 0 for
    gray. `fx` and `fz` are the offsets a*/500 and -b*/200 from f.
    """
    x = luminance_from_f(f + fx) - luminance
    z = luminance_from_f(f + fz) - luminance
    return (
        RED_OF_X * x + RED_OF_Z * z,
        GREEN_OF_X * x + GREEN_OF_Z * z,
        BLUE_OF_X * x + BLUE_OF_Z * z,
    )


@scalar
def reach(gray: float32, red: float32, green: float32, blue: float32) -> float32:
    """Share of a chroma that the gray `gray`, 0..1, can take before a channel leaves 0..1.

    The tiny term turns 0/0, black or white without chroma, into 1.
    """
    highest = max(red, green, blue)
    lowest = min(red, green, blue)
    above = ONE - gray
    return min(
        (above + TINY) / (max(highest, above) + TINY), (gray + TINY) / (max(-lowest, gray) + TINY)
    )


@scalar
def byte_from_linear(linear: float32) -> int32:
    """Gamma-coded 0..255 of a linear channel, clipped and rounded."""
    return int32(coded_from_linear(unit(linear)) * BYTE_TOP + HALF)


@scalar
def rgb_from_f(f: float32, fx: float32, fz: float32) -> int32:
    """Return the sRGB of lightness `f` and offsets `fx`, `fz`: red in the lowest of three bytes."""
    luminance = luminance_from_f(f)
    red, green, blue = linear_chroma(f, luminance, fx, fz)
    share = reach(unit(luminance), red, green, blue)
    return int32(
        byte_from_linear(luminance + share * red)
        | byte_from_linear(luminance + share * green) << 8
        | byte_from_linear(luminance + share * blue) << 16
    )
