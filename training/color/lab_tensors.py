"""sRGB -> CIELAB on torch tensors, for batches on any device.

The same formulas as `kernels.reference`, which holds their sources.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ...kernels.reference.colorspace import EPSILON, OFFSET, SLOPE, WHITE_XYZ, XYZ_FROM_LINEAR

_RATIOS_FROM_LINEAR = (XYZ_FROM_LINEAR / WHITE_XYZ[:, None]).tolist()


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
    linear = linear_from_srgb(rgb)
    matrix = torch.tensor(_RATIOS_FROM_LINEAR, dtype=rgb.dtype, device=rgb.device)
    ratios = torch.einsum("ij,njhw->nihw", matrix, linear)
    x, y, z = _compressed(ratios).unbind(dim=1)
    return torch.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], dim=1)


def linear_from_srgb(rgb: Tensor) -> Tensor:
    """Undo sRGB's gamma: 0..1 to 0..1, proportional to light, any shape."""
    return torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lightness_from_luminance(luminance: Tensor) -> Tensor:
    """CIELAB L* in 0..100 of luminances that are 1 for white, any shape."""
    return 116.0 * _compressed(luminance) - 16.0


def _compressed(ratio: Tensor) -> Tensor:
    # Clamped, because the branch that is not taken must be finite too.
    cube_root = ratio.clamp_min(EPSILON) ** (1 / 3)
    return torch.where(ratio > EPSILON, cube_root, SLOPE * ratio + OFFSET)
