"""What a colorizer does to a picture: read its lightness, give it new colour."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .colorspace import (
    LINEAR_FROM_XYZ,
    WHITE_XYZ,
    Float64,
    f_from_luminance,
    linear_from_srgb,
    luminance_from_f,
    luminance_from_linear,
    srgb_from_linear,
)
from .gamut import pull_into_gamut, pull_toward_gray
from .resample import Upsample, resize_area, upsample_ab
from .ycbcr import LUMA_WEIGHTS, luma_from_rgb, ycbcr_from_rgb

Picture: TypeAlias = NDArray[np.unsignedinteger[Any]]

CHROMA_LIMIT: Final = 134.0  # the farthest colour of sRGB, its blue, lies at 133.8
SRGB_END_SLOPE: Final = 1.055 / 2.4  # of the transfer function at linear 1
_LINEAR_FROM_RELATIVE: Final[Float64] = LINEAR_FROM_XYZ * WHITE_XYZ  # of XYZ over their white


def l_plane(source: Picture, height: int, width: int) -> Float64:
    """L* of a picture averaged down to (height, width), as a model sees it.

    The gamma-coded values are averaged by area, then L* is taken of the average colour: the order
    in which training and every image library reduce a picture.

    Parameters
    ----------
    source
        (H, W) gray or (H, W, 3) sRGB; uint8 or uint16 over its full range.

    Returns
    -------
    ndarray
        (height, width) float64, L* 0..100.
    """
    return 116 * _f_of(resize_area(_unit(source), height, width)) - 16


def merge_ab(
    source: Picture,
    ab_planes: ArrayLike,
    saturation: float = 1.0,
    upsample: Upsample = "bilinear",
) -> Picture:
    """Give a picture new colour at its own lightness.

    L* of every source pixel is joined with the enlarged a* and b*; what sRGB cannot show is pulled
    into gamut at its luminance; the result is rounded half up.

    Parameters
    ----------
    source
        (H, W) gray or (H, W, 3) sRGB; uint8 or uint16 over its full range.
    ab_planes
        (2, h, w) a*, b*. A value that is not finite counts as 0.
    saturation
        Factor on a* and b*; a chroma beyond `CHROMA_LIMIT` is shortened to it, its hue kept.
    upsample
        How a* and b* are enlarged; the guide of "guided" is the luma of `source`, 0..1.

    Returns
    -------
    ndarray
        (H, W, 3) sRGB in the type of `source`.
    """
    coded = _unit(source)
    f_y = _f_of(coded)
    luma = coded if coded.ndim == 2 else luma_from_rgb(coded)
    a, b = upsample_ab(clean_ab(ab_planes, saturation), luma, upsample)
    rgb = srgb_from_linear(pull_into_gamut(_linear_of(f_y, a, b)))
    return np.floor(rgb * np.iinfo(source.dtype).max + 0.5).astype(source.dtype)


def chroma_planes(
    luma_u8: NDArray[np.uint8],
    ab_planes: ArrayLike,
    saturation: float = 1.0,
    upsample: Upsample = "bilinear",
) -> NDArray[np.uint8]:
    """Cb and Cr that give a luma plane the predicted colour and leave the luma as it is.

    The L* whose (L*, a*, b*) has the given luma is found by bisection. Luma counts colours that
    sRGB cannot show as `_coded_beyond` codes them, so that it grows with L* and there is one
    answer. Such a colour is then pulled toward gray at its luma until it fits.

    Parameters
    ----------
    luma_u8
        (H, W) full-range luma (JFIF), already at the size of the chroma planes.
    ab_planes, saturation, upsample
        As in `merge_ab`.

    Returns
    -------
    ndarray
        (2, H, W) uint8: Cb, Cr, rounded half up.
    """
    luma = luma_u8 / 255
    a, b = upsample_ab(clean_ab(ab_planes, saturation), luma, upsample)
    rgb = at_luma(luma, a, b, LUMA_WEIGHTS, _LINEAR_FROM_RELATIVE)
    cb_cr = np.moveaxis(ycbcr_from_rgb(255 * rgb)[..., 1:], -1, 0)
    return np.clip(np.floor(cb_cr + 0.5), 0, 255).astype(np.uint8)


def at_luma(
    luma: Float64, a: Float64, b: Float64, weights: Float64, linear_from_xyz: Float64
) -> Float64:
    """Gamma-coded RGB (H, W, 3) of the colours a*, b* that have the given luma, pulled into gamut.

    Parameters
    ----------
    luma, a, b
        (H, W) each; luma 0..1.
    weights
        (3,) of red, green and blue in luma.
    linear_from_xyz
        (3, 3): linear RGB from XYZ over their white.
    """
    low, high = np.full(luma.shape, -1.0), np.full(luma.shape, 3.0)
    for _ in range(48):
        middle = (low + high) / 2
        below = _coded_beyond(_linear_of(middle, a, b, linear_from_xyz)) @ weights < luma
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return pull_toward_gray(_coded_beyond(_linear_of(low, a, b, linear_from_xyz)), luma)


def clean_ab(ab_planes: ArrayLike, saturation: float) -> Float64:
    """a* and b* times saturation, their chroma limited; what is not finite counts as 0."""
    ab = np.asarray(ab_planes, dtype=np.float64)
    ab = np.where(np.isfinite(ab), ab, 0) * saturation
    chroma = np.hypot(*ab)
    return ab * np.where(chroma > CHROMA_LIMIT, CHROMA_LIMIT / np.maximum(chroma, CHROMA_LIMIT), 1)


def _unit(source: Picture) -> Float64:
    return source / np.iinfo(source.dtype).max


def _f_of(srgb: Float64) -> Float64:
    """CIELAB's f of the luminance of (H, W) gray or (H, W, 3) RGB."""
    linear = linear_from_srgb(srgb)
    return f_from_luminance(linear if linear.ndim == 2 else luminance_from_linear(linear))


def _linear_of(
    f_y: Float64, a: Float64, b: Float64, linear_from_xyz: Float64 = _LINEAR_FROM_RELATIVE
) -> Float64:
    """Linear RGB of lightness f(Y) and a*, b*; (H, W) each -> (H, W, 3), in gamut or not."""
    f = np.stack([f_y + a / 500, f_y, f_y - b / 200], axis=-1)
    return luminance_from_f(f) @ linear_from_xyz.T


def _coded_beyond(linear: Float64) -> Float64:
    """The sRGB transfer function continued: odd below 0, straight on above 1."""
    size = np.abs(linear)
    coded = srgb_from_linear(np.minimum(size, 1)) + SRGB_END_SLOPE * np.maximum(size - 1, 0)
    signed: Float64 = np.copysign(coded, linear)
    return signed
