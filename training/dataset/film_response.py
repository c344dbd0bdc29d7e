"""Lightness that a film of another colour sensitivity records of a colour picture."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from ..color.lab_tensors import lightness_from_luminance, linear_from_srgb

# Relative exposures of red, green and blue light. Emulsions that are not sensitised see blue alone;
# orthochromatic ones green too, red hardly: skies are white, lips and brick dark. Panchromatic ones see
# all, blue more than the eye does. (L. P. Clerc, "Photography: Theory and Practice", 1937.)
BLUE_SENSITIVE: Final = (0.02, 0.13, 0.85)
ORTHOCHROMATIC: Final = (0.04, 0.52, 0.44)
PANCHROMATIC: Final = (0.30, 0.38, 0.32)
# How often each of them is drawn.
SHARES: Final = (0.15, 0.5, 0.35)
# Makers differed: the concentration of the mixture that a film is drawn around.
_SPREAD: Final = 0.35


def film_lightness(rgb: Tensor, rng: np.random.Generator) -> Tensor:
    """Record a colour picture on a black-and-white film drawn at random.

    White light gives white on each film, so the weights of the channels add up to 1.

    Parameters
    ----------
    rgb
        (3, H, W) float32, gamma-coded sRGB, 0..1.
    rng
        Draws the film.

    Returns
    -------
    Tensor
        (1, H, W) float32, L* in 0..100.
    """
    kinds = (BLUE_SENSITIVE, ORTHOCHROMATIC, PANCHROMATIC)
    kind = np.asarray(kinds[rng.choice(len(kinds), p=SHARES)])
    weights = kind * np.exp(rng.normal(0, _SPREAD, 3))
    weights /= weights.sum()
    exposure = torch.tensor(weights, dtype=rgb.dtype) @ linear_from_srgb(rgb).flatten(1)
    return lightness_from_luminance(exposure.reshape(1, *rgb.shape[1:])).clamp(0, 100)
