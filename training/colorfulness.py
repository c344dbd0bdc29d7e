"""Colourfulness as something to train for."""

from __future__ import annotations

import torch
from torch import Tensor

from .color import srgb_from_lab

# Under one 8-bit code: keeps roots differentiable at gray.
_TINY = 1e-3


def mean_colorfulness(l_plane: Tensor, ab_planes: Tensor) -> Tensor:
    """Measure how colourful pictures look on average, differentiable.

    The measure of `training.evaluation.metrics.colorfulness`, which names its source.

    Parameters
    ----------
    l_plane, ab_planes
        (N, 1, H, W) and (N, 2, H, W) float32, CIELAB.

    Returns
    -------
    Tensor
        Scalar: 0 gray, about 45 averagely colourful, 110 extremely.
    """
    rgb = srgb_from_lab(torch.cat([l_plane, ab_planes], dim=1)).clamp(0, 1) * 255
    red, green, blue = rgb.flatten(2).unbind(dim=1)
    opponents = torch.stack([red - green, (red + green) / 2 - blue])
    spread = torch.sqrt(opponents.var(dim=2, correction=0).sum(dim=0) + _TINY)
    offset = torch.sqrt((opponents.mean(dim=2) ** 2).sum(dim=0) + _TINY)
    return (spread + 0.3 * offset).mean()
