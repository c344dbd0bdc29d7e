"""Colours as bins: soft encoding, and the weights that make rare colours count.

Formulas and constants: R. Zhang, P. Isola and A. A. Efros, "Colorful Image Colorization" (2016),
sections 2.1 and 2.2.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

NEIGHBOURS: Final = 5
NEIGHBOUR_SIGMA: Final = 5.0
PRIOR_SIGMA: Final = 5.0
UNIFORM_SHARE: Final = 0.5


def soft_encoded(ab_planes: Tensor, bins: Tensor) -> tuple[Tensor, Tensor]:
    """Share every pixel among its five nearest bins, by a Gaussian of their distance.

    Parameters
    ----------
    ab_planes
        (N, 2, h, w) float32, CIELAB a*, b*.
    bins
        (Q, 2) float32, their centres, on the same device.

    Returns
    -------
    nearest
        (N, 5, h, w) int64, numbers of bins, the nearest first.
    shares
        (N, 5, h, w) float32, positive, with a sum of 1 over the five.
    """
    count, _, height, width = ab_planes.shape
    pixels_ab = ab_planes.movedim(1, -1).reshape(-1, 2)
    distances, nearest = torch.cdist(pixels_ab, bins).topk(NEIGHBOURS, largest=False)
    # A softmax, so that a colour far outside of the gamut does not become 0 / 0.
    shares = torch.softmax(-(distances**2) / (2 * NEIGHBOUR_SIGMA**2), dim=-1)
    shape = (count, height, width, NEIGHBOURS)
    return nearest.reshape(shape).movedim(-1, 1), shares.reshape(shape).movedim(-1, 1)


def rebalancing_weights(
    pixel_counts: Tensor, bins: Tensor, uniform_share: float = UNIFORM_SHARE
) -> Tensor:
    """Weigh bins so that rare colours count more, and a pixel of the training data 1 on average.

    Parameters
    ----------
    pixel_counts
        (Q,) float, how many pixels of the training data have each bin as their nearest.
    bins
        (Q, 2) float, the centres, over which the counts are smoothed by a Gaussian.
    uniform_share
        0..1: how much of a uniform distribution is mixed into that of the data; 1 leaves all bins
        alike.

    Returns
    -------
    Tensor
        (Q,), positive.
    """
    closeness = torch.exp(-(torch.cdist(bins, bins) ** 2) / (2 * PRIOR_SIGMA**2))
    smoothed = (pixel_counts / pixel_counts.sum()) @ (closeness / closeness.sum(1, keepdim=True))
    weights = 1 / ((1 - uniform_share) * smoothed + uniform_share / len(bins))
    return weights / (weights @ smoothed)
