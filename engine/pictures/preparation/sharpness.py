"""Sharpness of what a network sees: it takes blur for certainty, and colours too strongly."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

_SIGMA_PIXELS: Final = 1.0
# By how much the difference to a blurred copy is amplified, for each time that a picture had to be
# enlarged; from a little reduction on nothing is missing.
_AMOUNT: Final = 1.2
_SHARP_AT: Final = 0.85
_MAX_AMOUNT: Final = 1.25


def amount_of(enlargement: float) -> float:
    """How much a plane is to be sharpened that shows a picture so many times enlarged."""
    return min(max(0.0, _AMOUNT * (enlargement - _SHARP_AT)), _MAX_AMOUNT)


def sharpened(l_plane: NDArray[np.float32], amount: float) -> NDArray[np.float32]:
    """The plane (H, W) of L* 0..100 with what a Gaussian takes from it added `amount` times."""
    if amount <= 0:
        return l_plane
    more = l_plane + np.float32(amount) * (l_plane - blurred(l_plane, _SIGMA_PIXELS))
    return np.clip(more, 0, 100).astype(np.float32, copy=False)


def blurred(l_plane: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """The plane through a Gaussian of that standard deviation, pixels; mirrored at its edges."""
    reach = min(math.ceil(3 * sigma), min(l_plane.shape) - 1)
    if reach < 1:
        return l_plane
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    taps /= taps.sum()
    smooth = l_plane
    for axis in (0, 1):
        padding = [(reach, reach) if axis == other else (0, 0) for other in (0, 1)]
        padded = np.pad(smooth, padding, mode="reflect")
        total = np.zeros_like(smooth)
        for start, tap in enumerate(taps):
            total += np.float32(tap) * (
                padded[start : start + smooth.shape[0]]
                if axis == 0
                else padded[:, start : start + smooth.shape[1]]
            )
        smooth = total
    return smooth
