"""sRGB <-> CIELAB on torch tensors, for batches on any device.

The same formulas as `kernels.reference`, which holds their sources.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..kernels.reference.colorspace import (
    EPSILON,
    LINEAR_FROM_XYZ,
    OFFSET,
    SLOPE,
    WHITE_XYZ,
    XYZ_FROM_LINEAR,
)

_RATIOS_FROM_LINEAR = (XYZ_FROM_LINEAR / WHITE_XYZ[:, None]).tolist()
_LINEAR_FROM_RATIOS = (LINEAR_FROM_XYZ * WHITE_XYZ).tolist()


def lab_from_srgb(rgb: Tensor) -> Tensor:
    """Convert sRGB to CIELAB (D65).

    Parameters
    ----------
    rgb
        (N, 3, H, W) float, gamma-coded sRGB, 0..1.

    Returns
    -------
    Tensor
        (N, 3, H, W) float: L* 0..100, a*, b*.
    """
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = torch.tensor(_RATIOS_FROM_LINEAR, dtype=rgb.dtype, device=rgb.device)
    ratios = torch.einsum("ij,njhw->nihw", matrix, linear)
    # Clamped, because the branch that is not taken must be finite too.
    cube_root = ratios.clamp_min(EPSILON) ** (1 / 3)
    f = torch.where(ratios > EPSILON, cube_root, SLOPE * ratios + OFFSET)
    x, y, z = f.unbind(dim=1)
    return torch.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], dim=1)


def srgb_from_lab(lab: Tensor) -> Tensor:
    """Convert CIELAB (D65) to sRGB.

    Parameters
    ----------
    lab
        (N, 3, H, W) float: L* 0..100, a*, b*.

    Returns
    -------
    Tensor
        (N, 3, H, W) float, gamma-coded; outside of 0..1 where sRGB cannot show the colour.
    """
    lightness, a, b = lab.unbind(dim=1)
    f_y = (lightness + 16) / 116
    f = torch.stack([f_y + a / 500, f_y, f_y - b / 200], dim=1)
    ratios = torch.where(f > 6 / 29, f**3, (f - OFFSET) / SLOPE)
    matrix = torch.tensor(_LINEAR_FROM_RATIOS, dtype=lab.dtype, device=lab.device)
    linear = torch.einsum("ij,njhw->nihw", matrix, ratios)
    # Clamped, because the branch that is not taken must be finite too.
    curved = 1.055 * linear.clamp_min(0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear > 0.0031308, curved, 12.92 * linear)
