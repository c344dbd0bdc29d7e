"""What `kernels.film` computes, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .chroma_code import ChromaCode
from .colorspace import Float64
from .recolor import at_luma, clean_ab
from .resample import Upsample, upsample_ab


def film_chroma(
    luma: NDArray[np.unsignedinteger[Any]],
    ab_planes: ArrayLike,
    code: ChromaCode,
    saturation: float = 1.0,
    upsample: Upsample = "bilinear",
) -> Float64:
    """Cb and Cr that give luma the predicted colour; see `recolor.chroma_planes`.

    Parameters
    ----------
    luma
        (H, W) codes.
    ab_planes, saturation, upsample
        As in `recolor.merge_ab`.
    code
        What the codes mean.

    Returns
    -------
    ndarray
        (2, H, W) float64 codes of Cb and Cr, not rounded.
    """
    low, high = code.luma_range
    unit = np.clip((luma.astype(np.float64) - low) / (high - low), 0, 1)
    a, b = upsample_ab(clean_ab(ab_planes, saturation), unit, upsample)
    rgb = at_luma(unit, a, b, code.weights, code.linear_from_xyz)
    cb_scale, cr_scale = code.chroma_scale
    scaled = np.stack([cb_scale * (rgb[..., 2] - unit), cr_scale * (rgb[..., 0] - unit)])
    return np.clip(code.neutral + scaled, 0, code.top)
