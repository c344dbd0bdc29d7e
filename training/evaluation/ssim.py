"""Structural similarity."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...engine.pictures.vips import pyvips

RADIUS: Final = 5
SIGMA: Final = 1.5
K_1: Final = 0.01
K_2: Final = 0.03
PEAK: Final = 255


class StructuralSimilarity:
    """SSIM of pictures to a true one, averaged over R, G and B.

    Over lightness alone it would say nothing of a colorizer, which keeps the lightness.
    Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, "Image Quality Assessment: From Error
    Visibility to Structural Similarity" (2004), with its constants and its Gaussian window of
    11 x 11 pixels and sigma 1.5. Averaged over the windows that lie inside; a side too short for
    one is extended.

    Parameters
    ----------
    true
        (H, W, 3) uint8 sRGB.
    """

    def __init__(self, true: NDArray[np.uint8]) -> None:
        self._true = _image(true)
        self._mean = _blurred(self._true)
        self._square_mean = _blurred(self._true * self._true)

    def of(self, predicted: NDArray[np.uint8]) -> float:
        """Measure (H, W, 3) uint8 sRGB of the same size: 1 for equals, above -1."""
        image = _image(predicted)
        mean, square_mean = _blurred(image), _blurred(image * image)
        product = mean * self._mean
        covariance = _blurred(image * self._true) - product
        squares = mean * mean + self._mean * self._mean
        variances = square_mean + self._square_mean - squares
        c_1, c_2 = (K_1 * PEAK) ** 2, (K_2 * PEAK) ** 2
        similarity = ((product * 2 + c_1) * (covariance * 2 + c_2)) / (
            (squares + c_1) * (variances + c_2)
        )
        across, down = (
            min(RADIUS, (side - 1) // 2) for side in (similarity.width, similarity.height)
        )
        inside = similarity.crop(
            across, down, similarity.width - 2 * across, similarity.height - 2 * down
        )
        return float(inside.avg())


def _image(rgb_u8_hwc: NDArray[np.uint8]) -> Any:
    return pyvips.Image.new_from_array(rgb_u8_hwc).cast("double")


def _blurred(image: Any) -> Any:
    """Mean over the window around each pixel, kept in memory because it is used again."""
    offsets = np.arange(-RADIUS, RADIUS + 1)
    weights = np.exp(-(offsets**2) / (2 * SIGMA**2))
    mask = pyvips.Image.new_from_array([list(weights / weights.sum())])
    return image.convsep(mask, precision="float").copy_memory()
