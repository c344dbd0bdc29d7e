"""How far a frame still shows what its colour was predicted from."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .exposure import matched_exposure
from .opencv import cv2

# Standard deviation of luma, of 255, below which structure is not told from grain.
GRAIN: Final = 6.0
# Places that are compared are so many pixels wide, for frames of some 60.
_PLACE: Final = (9, 9)
# A place whose light changed by so many contrasts of the frame, beyond a grain of it, is another.
_LIGHT: Final = 0.8


def agreement(seen: NDArray[np.float32], now_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Likeness of every place, whatever the exposure.

    The correlation of structure around a place, times a term for its light; a place without
    structure in either frame is compared by light alone.

    Parameters
    ----------
    seen
        (h, w) luma, 0..255, that was looked at, moved to where it is now.
    now_u8
        (h, w) luma of the frame.

    Returns
    -------
    NDArray
        (h, w) float32, 0 nothing in common .. 1 the same.
    """
    now = now_u8.astype(np.float32)
    then = matched_exposure(seen, now)
    now_mean, then_mean = _mean(now), _mean(then)
    floor = np.float32(GRAIN**2)
    now_spread = np.maximum(_mean(now * now) - now_mean * now_mean, 0) + floor
    then_spread = np.maximum(_mean(then * then) - then_mean * then_mean, 0) + floor
    common = _mean(now * then) - now_mean * then_mean + floor
    structure = common / np.sqrt(now_spread * then_spread)
    allowed = np.float32(GRAIN + _LIGHT * float(now.std()))
    light = (now_mean - then_mean) / allowed
    like = np.clip(structure, 0, 1) / (1 + light**4)
    like_f32: NDArray[np.float32] = like.astype(np.float32, copy=False)
    return like_f32


def _mean(places: NDArray[np.float32]) -> NDArray[np.float32]:
    mean: NDArray[np.float32] = cv2.blur(places, _PLACE, borderType=cv2.BORDER_REFLECT)
    return mean
