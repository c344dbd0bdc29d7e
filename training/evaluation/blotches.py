"""Blotches: how much colour varies on surfaces that are plain in truth."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Windows of an eighth of the short side, half overlapping: as wide as the clouds that are seen.
WINDOWS_A_SIDE: Final = 8
# Means over a quarter of a window come first: noise and texture make no cloud.
CELLS_A_WINDOW: Final = 4
# A window is plain if its true a*, b* and L* then vary less, standard deviation in Lab units.
PLAIN_AB: Final = 1.5
PLAIN_L: Final = 8.0


class Blotches:
    """Variation of colour in the windows of a picture that are plain in truth.

    A window's variation is the root of the summed variances of a* and b*. A model that leaves everything
    gray has none, so the number means something beside the colourfulness only.

    Parameters
    ----------
    true_lab
        (H, W, 3) float, CIELAB of the true picture.
    """

    def __init__(self, true_lab: NDArray[np.float64]) -> None:
        self._side = max(4, min(true_lab.shape[:2]) // WINDOWS_A_SIDE)
        smooth_lab = self._smoothed(true_lab)
        spread_l = _window_spread(smooth_lab[..., :1], self._side)
        spread_ab = _window_spread(smooth_lab[..., 1:], self._side)
        self._plain = (spread_l < PLAIN_L) & (spread_ab < PLAIN_AB)
        self.of_truth = self._mean_over_plain(spread_ab)

    def of(self, predicted_lab: NDArray[np.float64]) -> float:
        """Measure another picture of the same size: ab units, 0 or more; nan without a plain window."""
        return self._mean_over_plain(
            _window_spread(self._smoothed(predicted_lab)[..., 1:], self._side)
        )

    def _smoothed(self, lab: NDArray[np.float64]) -> NDArray[np.float64]:
        return _window_means(lab, max(1, self._side // CELLS_A_WINDOW), step=1)

    def _mean_over_plain(self, spread: NDArray[np.float64]) -> float:
        return float(spread[self._plain].mean()) if self._plain.any() else math.nan


def spread_of_cells(lab: NDArray[np.float64]) -> float:
    """Variation of colour over a region, (H, W, 3) CIELAB, without its noise: cells of a quarter are averaged."""
    cell = max(1, min(lab.shape[:2]) // CELLS_A_WINDOW)
    cells = _window_means(lab[..., 1:], cell, step=1)
    return math.sqrt(float(cells.var(axis=(0, 1)).sum()))


def _window_spread(planes: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Standard deviation over the channels together, (H, W, C), of windows `side` / 2 apart."""
    step = max(1, side // 2)
    variance = (
        _window_means(planes**2, side, step=step) - _window_means(planes, side, step=step) ** 2
    )
    spread: NDArray[np.float64] = np.sqrt(np.clip(variance, 0, None).sum(axis=-1))
    return spread


def _window_means(planes: NDArray[np.float64], side: int, *, step: int) -> NDArray[np.float64]:
    """Means of (H, W, C) over square windows `step` apart, by an integral image."""
    height, width, channels = planes.shape
    integral = np.zeros((height + 1, width + 1, channels))
    integral[1:, 1:] = planes.cumsum(axis=0).cumsum(axis=1)
    tops = np.arange(0, max(1, height - side + 1), step)
    lefts = np.arange(0, max(1, width - side + 1), step)
    bottoms, rights = np.minimum(tops + side, height), np.minimum(lefts + side, width)
    sums = (
        integral[np.ix_(bottoms, rights)]
        - integral[np.ix_(tops, rights)]
        - integral[np.ix_(bottoms, lefts)]
        + integral[np.ix_(tops, lefts)]
    )
    areas = np.outer(bottoms - tops, rights - lefts)
    means: NDArray[np.float64] = sums / areas[..., np.newaxis]
    return means
