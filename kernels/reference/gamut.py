"""Bringing colours that sRGB cannot show back into it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .colorspace import Float64, luminance_from_linear


def pull_into_gamut(linear_rgb: ArrayLike) -> Float64:
    """Move colours toward the gray of their own luminance until they fit.

    The way is a straight line in linear light: luminance stays, and so does the hue as seen from
    that gray. Clipping each channel, the usual way, would change both.

    Parameters
    ----------
    linear_rgb
        (..., 3) linear RGB of a luminance within 0..1.

    Returns
    -------
    ndarray
        (..., 3) float64 within 0..1; colours already inside come back as they were.
    """
    return pull_toward_gray(linear_rgb, luminance_from_linear(linear_rgb))


def pull_toward_gray(rgb: ArrayLike, gray: ArrayLike) -> Float64:
    """Move colours (..., 3) in a straight line toward `gray` (...), 0..1, until they fit 0..1.

    Linear in whatever `rgb` is: a weighted sum of the channels that equals `gray` is kept.
    """
    rgb = np.asarray(rgb, dtype=np.float64)
    gray = np.clip(np.asarray(gray, dtype=np.float64), 0, 1)[..., None]
    chroma = rgb - gray
    highest = chroma.max(axis=-1, keepdims=True)
    lowest = chroma.min(axis=-1, keepdims=True)
    over, under = highest > 1 - gray, lowest < -gray
    reach = np.minimum(
        np.where(over, (1 - gray) / np.where(over, highest, 1), 1),
        np.where(under, -gray / np.where(under, lowest, 1), 1),
    )
    return np.clip(gray + reach * chroma, 0, 1)
