"""sRGB <-> linear RGB <-> CIE XYZ (D65) <-> CIELAB.

Sources: IEC 61966-2-1:1999 for the sRGB transfer function and primaries, ASTM E308 for the D65
white behind the matrix (seven digits), CIE 15:2004 for CIELAB. The white that CIELAB divides by is
the sum of the matrix's rows, so that every gray has a* = b* = 0.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float64: TypeAlias = NDArray[np.float64]

XYZ_FROM_LINEAR: Final[Float64] = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
LINEAR_FROM_XYZ: Final = np.asarray(np.linalg.inv(XYZ_FROM_LINEAR), dtype=np.float64)
WHITE_XYZ: Final[Float64] = XYZ_FROM_LINEAR.sum(axis=1)

# CIELAB's f is a cube root above EPSILON and its tangent-like line below (CIE 15, as fractions).
EPSILON: Final = (6 / 29) ** 3
SLOPE: Final = (29 / 6) ** 2 / 3
OFFSET: Final = 4 / 29


def linear_from_srgb(srgb: ArrayLike) -> Float64:
    """Undo the sRGB transfer function; any shape, 0..1, negative values on its straight part."""
    srgb = np.asarray(srgb, dtype=np.float64)
    curved = ((np.maximum(srgb, 0.04045) + 0.055) / 1.055) ** 2.4
    return np.where(srgb <= 0.04045, srgb / 12.92, curved)


def srgb_from_linear(linear: ArrayLike) -> Float64:
    """Apply the sRGB transfer function; any shape, 0..1, negative values on its straight part."""
    linear = np.asarray(linear, dtype=np.float64)
    curved = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, curved)


def xyz_from_linear(linear_rgb: ArrayLike) -> Float64:
    """XYZ of linear RGB; (..., 3), white has Y = 1."""
    return np.asarray(linear_rgb, dtype=np.float64) @ XYZ_FROM_LINEAR.T


def linear_from_xyz(xyz: ArrayLike) -> Float64:
    """Linear RGB of XYZ; (..., 3), outside 0..1 where sRGB cannot show the colour."""
    return np.asarray(xyz, dtype=np.float64) @ LINEAR_FROM_XYZ.T


def luminance_from_linear(linear_rgb: ArrayLike) -> Float64:
    """Relative luminance Y of linear RGB; (..., 3) -> (...), 0..1."""
    luminance: Float64 = np.asarray(linear_rgb, dtype=np.float64) @ XYZ_FROM_LINEAR[1]
    return luminance


def f_from_luminance(luminance: ArrayLike) -> Float64:
    """CIELAB's f of a tristimulus value over its white; any shape. L* is 116 f(Y) - 16."""
    ratio = np.asarray(luminance, dtype=np.float64)
    return np.where(ratio > EPSILON, np.cbrt(ratio), SLOPE * ratio + OFFSET)


def luminance_from_f(f: ArrayLike) -> Float64:
    """The inverse of `f_from_luminance`; any shape."""
    f = np.asarray(f, dtype=np.float64)
    return np.where(f > 6 / 29, f**3, (f - OFFSET) / SLOPE)


def lab_from_xyz(xyz: ArrayLike) -> Float64:
    """CIELAB of XYZ; (..., 3) -> (..., 3): L* 0..100, a*, b*."""
    x, y, z = np.moveaxis(f_from_luminance(np.asarray(xyz, dtype=np.float64) / WHITE_XYZ), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def xyz_from_lab(lab: ArrayLike) -> Float64:
    """XYZ of CIELAB; (..., 3) -> (..., 3)."""
    lightness, a, b = np.moveaxis(np.asarray(lab, dtype=np.float64), -1, 0)
    y = (lightness + 16) / 116
    return luminance_from_f(np.stack([y + a / 500, y, y - b / 200], axis=-1)) * WHITE_XYZ


def lab_from_srgb(srgb: ArrayLike) -> Float64:
    """CIELAB of gamma-coded sRGB; (..., 3), 0..1 -> (..., 3): L* 0..100, a*, b*."""
    return lab_from_xyz(xyz_from_linear(linear_from_srgb(srgb)))


def srgb_from_lab(lab: ArrayLike) -> Float64:
    """Gamma-coded sRGB of CIELAB; (..., 3), outside 0..1 where sRGB cannot show the colour."""
    return srgb_from_linear(linear_from_xyz(xyz_from_lab(lab)))


def l_from_gray(gray: ArrayLike) -> Float64:
    """L* of a gray of equal sRGB channels; any shape, gamma-coded 0..1 -> 0..100."""
    return 116 * f_from_luminance(linear_from_srgb(gray)) - 16
