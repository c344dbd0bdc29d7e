"""The CIEDE2000 colour difference as something to train with."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor

_SATURATION_MIDPOINT: Final = 25.0
# Keeps roots differentiable at gray; far below what can be seen.
_TINY: Final = 1e-6


def ciede2000_of_ab(ab_1: Tensor, ab_2: Tensor) -> Tensor:
    """Square of the CIEDE2000 difference of colours of equal lightness, differentiable.

    The formula of `kernels.reference.ciede2000`, which names its source and equations. What turns
    with the hue (the weight T, the blue rotation) and the stretch of a* carry no gradient: they
    change slowly, and their derivatives have poles at gray, where training starts.

    Parameters
    ----------
    ab_1, ab_2
        (N, 2, H, W) float32, CIELAB a*, b*.

    Returns
    -------
    Tensor
        (N, H, W) float32, 0 or more.
    """
    (a_1, b_1), (a_2, b_2) = ab_1.unbind(dim=1), ab_2.unbind(dim=1)
    with torch.no_grad():
        stretch = 1.5 - 0.5 * _saturating((_length(a_1, b_1) + _length(a_2, b_2)) / 2)
    a_1, a_2 = a_1 * stretch, a_2 * stretch
    chroma_1, chroma_2 = _length(a_1, b_1), _length(a_2, b_2)
    mean_chroma = (chroma_1 + chroma_2) / 2
    delta_chroma = chroma_1 - chroma_2
    delta_hue_squared = ((a_1 - a_2) ** 2 + (b_1 - b_2) ** 2 - delta_chroma**2).clamp_min(0)
    with torch.no_grad():
        hue = torch.atan2(b_1 / chroma_1 + b_2 / chroma_2, a_1 / chroma_1 + a_2 / chroma_2)
        t = (
            1
            - 0.17 * torch.cos(hue - math.radians(30))
            + 0.24 * torch.cos(2 * hue)
            + 0.32 * torch.cos(3 * hue + math.radians(6))
            - 0.20 * torch.cos(4 * hue - math.radians(63))
        )
        degrees = torch.rad2deg(hue) % 360
        blueness = torch.exp(-(((degrees - 275) / 25) ** 2))
        rotation = -2 * _saturating(mean_chroma) * torch.sin(math.radians(60) * blueness)
        turned = torch.sign(a_2 * b_1 - a_1 * b_2)
    part_chroma = delta_chroma / (1 + 0.045 * mean_chroma)
    hue_squared = delta_hue_squared / (1 + 0.015 * mean_chroma * t) ** 2
    # The square apart, because a root's gradient would be lost at gray, which turns neither way.
    coupled = rotation * part_chroma * turned * torch.sqrt(hue_squared + _TINY)
    return (part_chroma**2 + hue_squared + coupled).clamp_min(0)


def _length(a: Tensor, b: Tensor) -> Tensor:
    return torch.sqrt(a * a + b * b + _TINY)


def _saturating(chroma: Tensor) -> Tensor:
    """Rise from 0 at gray to 1 at strong colours, as `kernels.reference.ciede2000` has it."""
    seventh = (chroma / _SATURATION_MIDPOINT) ** 7
    return torch.sqrt(seventh / (seventh + 1))
