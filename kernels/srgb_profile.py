"""What the engine needs to know of an ICC profile: whether its numbers are those of sRGB."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .icc import SPACE, icc_tags
from .reference.colorspace import f_from_luminance, linear_from_srgb, srgb_from_linear

# IEC 61966-2-1, adapted to D50 by Bradford, as the profiles of the ICC carry them.
_SRGB_XYZ: Final = np.array(
    [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.71410]]
)
_XYZ_TOLERANCE: Final = 0.004  # what profiles of sRGB by several makers differ by
_CURVE_TOLERANCE: Final = 0.006  # in codes of 0..1: one and a half of 255
# A tone curve so near to sRGB's that a network sees the same picture: L* at equal codes.
_NEAR_L: Final = 4.0
_POINTS: Final = 65


def is_srgb_profile(profile: bytes) -> bool:
    """Whether pixels under a profile need no conversion: its primaries and curves are sRGB's.

    Parameters
    ----------
    profile
        A whole ICC profile; damaged ones, and those made of tables, give False. What a profile is
        called does not count.
    """
    if profile[SPACE] == b"GRAY":
        curve = _curve(profile, b"kTRC")
        return curve is not None and _is_srgb_curve(curve)
    return _has_srgb_primaries(profile) and all(
        curve is not None and _is_srgb_curve(curve) for curve in _rgb_curves(profile)
    )


def is_near_srgb_profile(profile: bytes) -> bool:
    """Whether a picture may keep its codes and its profile: the tones are nearly those of sRGB.

    True of sRGB and of gamma 2.2 on the same primaries, in gray or in colour. The picture is shown
    right by its own profile; what is predicted for it is what would be predicted in sRGB.

    Parameters
    ----------
    profile
        A whole ICC profile; empty gives True.
    """
    if not profile:
        return True
    if profile[SPACE] == b"GRAY":
        curve = _curve(profile, b"kTRC")
        return curve is not None and _is_near(curve)
    return _has_srgb_primaries(profile) and all(
        curve is not None and _is_near(curve) for curve in _rgb_curves(profile)
    )


def _has_srgb_primaries(profile: bytes) -> bool:
    tags = icc_tags(profile)
    if profile[SPACE] != b"RGB " or b"A2B0" in tags:
        return False
    columns = [tags.get(name, b"") for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    if any(len(column) < 20 for column in columns):
        return False
    xyz = np.array([struct.unpack(">3i", column[8:20]) for column in columns]) / 65536
    return bool(np.abs(xyz - _SRGB_XYZ).max() < _XYZ_TOLERANCE)


def _rgb_curves(profile: bytes) -> list[NDArray[np.float64] | None]:
    return [_curve(profile, name) for name in (b"rTRC", b"gTRC", b"bTRC")]


def _codes() -> NDArray[np.float64]:
    return np.linspace(0, 1, _POINTS)


def _is_srgb_curve(curve: NDArray[np.float64]) -> bool:
    as_srgb = srgb_from_linear(np.clip(curve, 0, 1))
    return bool(np.abs(as_srgb - _codes()).max() < _CURVE_TOLERANCE)


def _is_near(curve: NDArray[np.float64]) -> bool:
    difference = f_from_luminance(np.clip(curve, 0, 1)) - f_from_luminance(
        linear_from_srgb(_codes())
    )
    return bool(116 * np.abs(difference).max() < _NEAR_L)  # L* is 116 f - 16


def gray_tones(profile: bytes, levels: int) -> NDArray[np.float64] | None:
    """The light that each code of a gray profile stands for.

    Parameters
    ----------
    profile
        A whole ICC profile.
    levels
        Number of codes, evenly spaced from black to white.

    Returns
    -------
    NDArray or None
        (levels,), Y in 0..1; None where it is no gray profile with a curve.
    """
    if profile[SPACE] != b"GRAY" or b"A2B0" in icc_tags(profile):
        return None
    return _curve(profile, b"kTRC", levels)


def _curve(profile: bytes, name: bytes, levels: int = _POINTS) -> NDArray[np.float64] | None:
    """A tone curve at evenly spaced codes; None where there is none that can be read.

    ICC.1:2022, 10.6 curveType and 10.18 parametricCurveType.
    """
    element = icc_tags(profile).get(name, b"")
    codes = np.linspace(0, 1, levels)
    try:
        if element[:4] == b"curv":
            (count,) = struct.unpack_from(">I", element, 8)
            if count == 0:
                return codes
            if count == 1:
                return np.asarray(codes ** (struct.unpack_from(">H", element, 12)[0] / 256))
            table = np.frombuffer(element, ">u2", count, 12) / 65535
            return np.interp(codes, np.linspace(0, 1, count), table)
        if element[:4] == b"para":
            (kind,) = struct.unpack_from(">H", element, 8)
            return _parametric(kind, codes, element[12:])
    except (struct.error, ValueError):
        return None
    return None


def _parametric(kind: int, x: NDArray[np.float64], body: bytes) -> NDArray[np.float64] | None:
    count = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}.get(kind)
    if count is None:
        return None
    values = [number / 65536 for number in struct.unpack_from(f">{count}i", body)]
    g, a, b, c, d, e, f = (values + [0.0] * 7)[:7]
    if kind == 0:
        return np.asarray(x**g)
    power: NDArray[np.float64] = np.maximum(a * x + b, 0) ** g
    match kind:
        case 1:
            return np.asarray(np.where(a * x + b >= 0, power, 0.0))
        case 2:
            return np.asarray(np.where(a * x + b >= 0, power + c, c))
        case 3:
            return np.asarray(np.where(x >= d, power, c * x))
        case _:
            return np.asarray(np.where(x >= d, power + e, c * x + f))
