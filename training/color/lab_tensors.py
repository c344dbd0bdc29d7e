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
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = torch.tensor(_RATIOS_FROM_LINEAR, dtype=rgb.dtype, device=rgb.device)
    ratios = torch.einsum("ij,njhw->nihw", matrix, linear)
    # Clamped, because the branch that is not taken must be finite too.
    cube_root = ratios.clamp_min(EPSILON) ** (1 / 3)
    f = torch.where(ratios > EPSILON, cube_root, SLOPE * ratios + OFFSET)
    x, y, z = f.unbind(dim=1)
    return torch.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], dim=1)
