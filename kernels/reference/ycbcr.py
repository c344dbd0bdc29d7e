"""Full-range YCbCr as JPEG (JFIF) files carry it.

Source: ITU-T T.871 (2011), clause 7, whose weights are those of ITU-R BT.601.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from .colorspace import Float64

LUMA_WEIGHTS: Final[Float64] = np.array([0.299, 0.587, 0.114])
CB_SCALE: Final = 1.772  # 2 (1 - 0.114): B - Y' over Cb
CR_SCALE: Final = 1.402  # 2 (1 - 0.299): R - Y' over Cr


def luma_from_rgb(rgb: ArrayLike) -> Float64:
    """Luma Y' of gamma-coded RGB; (..., 3) -> (...), in the unit of the input."""
    return np.asarray(rgb, dtype=np.float64) @ LUMA_WEIGHTS


def ycbcr_from_rgb(rgb: ArrayLike) -> Float64:
    """YCbCr of gamma-coded RGB.

    Parameters
    ----------
    rgb
        (..., 3), 0..255, as real numbers: nothing is rounded.

    Returns
    -------
    ndarray
        (..., 3) float64: Y' 0..255, Cb and Cr about 128.
    """
    rgb = np.asarray(rgb, dtype=np.float64)
    luma = luma_from_rgb(rgb)
    cb = 128 + (rgb[..., 2] - luma) / CB_SCALE
    cr = 128 + (rgb[..., 0] - luma) / CR_SCALE
    return np.stack([luma, cb, cr], axis=-1)


def rgb_from_ycbcr(ycbcr: ArrayLike) -> Float64:
    """Gamma-coded RGB of YCbCr; (..., 3) 0..255 -> (..., 3), neither rounded nor clipped."""
    luma, cb, cr = np.moveaxis(np.asarray(ycbcr, dtype=np.float64), -1, 0)
    red = luma + CR_SCALE * (cr - 128)
    blue = luma + CB_SCALE * (cb - 128)
    green = (luma - LUMA_WEIGHTS[0] * red - LUMA_WEIGHTS[2] * blue) / LUMA_WEIGHTS[1]
    return np.stack([red, green, blue], axis=-1)
