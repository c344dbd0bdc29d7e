"""Gray between CIELAB and sRGB, in forms that FP16 can hold."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from ...kernels.reference.colorspace import SLOPE

# L* of a luminance of 1 where CIELAB is linear.
KAPPA: Final = 116 * SLOPE
# L* below which CIELAB is linear, and below which sRGB is too.
LAB_LINEAR: Final = 8.0
SRGB_LINEAR: Final = 0.0031308 * KAPPA


def gray_from_lightness(l_plane: Tensor) -> Tensor:
    """Gamma-coded sRGB gray of a lightness, (L* + 16) / 116 cubed and encoded, in one power.

    The exact formulas of CIELAB and IEC 61966-2-1; powers of small numbers, which half precision
    would lose, are avoided.

    Parameters
    ----------
    l_plane
        (N, 1, H, W) float, L* 0..100.

    Returns
    -------
    Tensor
        (N, 1, H, W) float, 0..1: what R, G and B of that gray are.
    """
    bright = 1.055 * ((l_plane + 16) / 116) ** 1.25 - 0.055
    dark = 1.055 * (l_plane / KAPPA) ** (1 / 2.4) - 0.055
    darkest = l_plane * (12.92 / KAPPA)
    return torch.where(
        l_plane > LAB_LINEAR, bright, torch.where(l_plane > SRGB_LINEAR, dark, darkest)
    )
