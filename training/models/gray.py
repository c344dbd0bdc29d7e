"""CIELAB lightness to the gray levels that classifiers of photographs were trained on."""

from __future__ import annotations

import torch
from torch import Tensor

from ...kernels.reference.colorspace import OFFSET, SLOPE


def srgb_gray_from_l(l_plane: Tensor) -> Tensor:
    """Convert L* to gamma-coded sRGB gray, exactly.

    The same formulas as `kernels.reference.colorspace`, which holds their sources.

    Parameters
    ----------
    l_plane
        (N, 1, H, W) float, CIELAB L* in 0..100.

    Returns
    -------
    Tensor
        (N, 1, H, W) float in 0..1, each of the channels R, G and B.
    """
    f = (l_plane + 16) / 116
    luminance = torch.where(f > 6 / 29, f**3, (f - OFFSET) / SLOPE).clamp(0, 1)
    # Clamped, because the branch that is not taken must be finite too.
    curved = 1.055 * luminance.clamp_min(0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(luminance <= 0.0031308, 12.92 * luminance, curved)
