"""How brightly a frame was exposed, told apart from what it shows."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .opencv import cv2

# Standard deviations of luma, of 255, that are noise: frames with less show nothing.
NOISE: Final = 2.0
# What one frame's contrast may be of another's and still be a matter of exposure.
MOST_GAIN: Final = 4.0
# The surroundings in which light counts as even, as a share of the frame's longer side.
SURROUNDINGS: Final = 0.2


def contrast(luma_u8: NDArray[np.uint8]) -> float:
    """How much can be seen in a frame: the standard deviation of its luma, 0..127.5.

    A frame that fades from black or from white has a part of what the same picture has in full
    light; one that is brighter or darker as a whole has the same.
    """
    return float(cv2.meanStdDev(luma_u8)[1].item())


def matched_exposure(luma: NDArray[Any], like: NDArray[Any]) -> NDArray[np.float32]:
    """A frame with gain and offset such that its mean and contrast are those of another.

    Parameters
    ----------
    luma
        (h, w) of any type.
    like
        (h, w), the frame to match.

    Returns
    -------
    NDArray
        (h, w) float32, not clipped.
    """
    mean, spread = (statistic.item() for statistic in cv2.meanStdDev(luma))
    like_mean, like_spread = (statistic.item() for statistic in cv2.meanStdDev(like))
    gain = (like_spread + NOISE) / (spread + NOISE)
    gain = min(max(gain, 1 / MOST_GAIN), MOST_GAIN)
    matched: NDArray[np.float32] = np.float32(gain) * luma.astype(np.float32)
    return matched + np.float32(like_mean - gain * mean)


def correlation(one_u8: NDArray[np.uint8], other_u8: NDArray[np.uint8]) -> float:
    """Pearson's correlation of two frames' luma, place by place: -1..1, the same at any exposure."""
    one, other = (luma - np.float32(cv2.mean(luma)[0]) for luma in (one_u8, other_u8))
    spread = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / max(spread, 1e-6)


def surroundings(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w) mean of luma around every place: the light there, without what it falls on."""
    side = max(5, round(SURROUNDINGS * max(luma.shape))) | 1
    mean: NDArray[np.float32] = cv2.blur(luma, (side, side), borderType=cv2.BORDER_REFLECT)
    return mean
