"""Bleeding: how much of a colour's step at an edge is not there yet right beside the edge."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

# L* that changes by so much within two pixels is a strong edge.
STRONG_STEP: Final = 20.0
# Colours that differ by less on the two sides have nothing to bleed, ab units.
LEAST_COLOR_STEP: Final = 8.0
# Distances from the edge, as shares of the short side; at least 1 and 3 pixels.
NEAR: Final = 0.005
FAR: Final = 0.03
# Steps smaller than this on average are rounding of 8-bit values and not colours, ab units.
_NO_STEP: Final = 0.5


class Bleeding:
    """Sharpness of colour across the strong edges of lightness of a picture.

    At each such edge whose colour changes in truth, the step of a*, b* right beside it is divided by the
    step farther away: 1 for colour that ends where lightness does, less for colour that runs over. Only
    the sums are divided, so that a faint edge weighs little.

    Parameters
    ----------
    true_lab
        (H, W, 3) float, CIELAB of the true picture.
    """

    def __init__(self, true_lab: NDArray[np.float64]) -> None:
        short_side = min(true_lab.shape[:2])
        self._near = max(1, round(NEAR * short_side))
        self._far = max(3, round(FAR * short_side))
        self._edges = [self._edges_along(true_lab, axis) for axis in (0, 1)]
        self._true_sharpness = self._sharpness(true_lab)

    def of(self, predicted_lab: NDArray[np.float64]) -> float:
        """Measure another picture of the same size.

        Returns
        -------
        float
            Share of the colours' steps that is missing beside the edges, of what the truth has there: 0
            for colours as sharp as the truth's, 1 for those that know no edge, below 0 for sharper ones
            than a photograph whose chroma a JPEG has halved; nan without a colour or a strong edge.
        """
        return 1 - self._sharpness(predicted_lab) / self._true_sharpness

    def _sharpness(self, lab: NDArray[np.float64]) -> float:
        near = far = count = 0.0
        for axis, edges in enumerate(self._edges):
            near += float(_steps(lab[..., 1:], axis, self._near, self._far)[edges].sum())
            far += float(_steps(lab[..., 1:], axis, self._far, self._far)[edges].sum())
            count += float(edges.sum())
        return near / far if far > _NO_STEP * count else math.nan

    def _edges_along(self, true_lab: NDArray[np.float64], axis: int) -> NDArray[np.bool_]:
        strong = _steps(true_lab[..., :1], axis, 1, self._far) > STRONG_STEP
        colored: NDArray[np.bool_] = (
            _steps(true_lab[..., 1:], axis, self._far, self._far) > LEAST_COLOR_STEP
        )
        return strong & colored


def _steps(
    planes: NDArray[np.float64], axis: int, distance: int, margin: int
) -> NDArray[np.float64]:
    """Length of the difference between the two sides of each pixel, `margin` pixels of the ends left out."""
    size = planes.shape[axis]
    inner = np.arange(margin, max(margin, size - margin))
    ahead, behind = (np.take(planes, inner + sign * distance, axis=axis) for sign in (1, -1))
    lengths: NDArray[np.float64] = np.sqrt(((ahead - behind) ** 2).sum(axis=-1))
    return lengths
