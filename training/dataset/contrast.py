"""Contrast of a picture's lightness, stretched to the full range as the engine may show it."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

# Percentiles that are taken for black and white, and the L* that they become.
PERCENTILES: Final = (0.01, 0.99)
BLACK: Final = 3.0
WHITE: Final = 97.0
# A picture with less contrast than a third is fog or nothing at all, and not to be told from noise.
MAX_GAIN: Final = 3.0


def stretched(l_plane: Tensor) -> tuple[Tensor, float]:
    """Stretch a picture to full contrast.

    Parameters
    ----------
    l_plane
        (1, H, W) float32, CIELAB L* in 0..100.

    Returns
    -------
    Tensor
        (1, H, W) float32, L* in 0..100.
    float
        The gain, 1 to `MAX_GAIN`: a picture is never flattened.
    """
    dark, light = torch.quantile(l_plane.flatten(), torch.tensor(PERCENTILES)).tolist()
    gain = min(MAX_GAIN, (WHITE - BLACK) / max(light - dark, 1.0))
    if gain <= 1:
        return l_plane, 1.0
    middle = (dark + light) / 2
    return ((BLACK + WHITE) / 2 + (l_plane - middle) * gain).clamp(0, 100), gain
