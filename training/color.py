"""sRGB -> CIELAB on torch tensors, for batches on any device.

The same formulas as `kernels.reference`, which holds their sources; a test keeps the two together.
"""

from __future__ import annotations

import torch
from torch import Tensor

# Rows: X/Xn, Y/Yn, Z/Zn of linear sRGB under D65 (IEC 61966-2-1 primaries, ASTM E308 white).
_XYZ_FROM_RGB = (
    (0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339 / 1.08883, 0.1191920 / 1.08883, 0.9503041 / 1.08883),
)
_EPSILON = (6.0 / 29.0) ** 3
_SLOPE = (29.0 / 6.0) ** 2 / 3.0


def lab_from_srgb(rgb: Tensor) -> Tensor:
    """CIELAB (D65) of sRGB.

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
    matrix = torch.tensor(_XYZ_FROM_RGB, dtype=rgb.dtype, device=rgb.device)
    xyz = torch.einsum("ij,njhw->nihw", matrix, linear)
    f = torch.where(xyz > _EPSILON, xyz.clamp_min(_EPSILON) ** (1 / 3), _SLOPE * xyz + 4.0 / 29.0)
    x, y, z = f.unbind(dim=1)
    return torch.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], dim=1)
