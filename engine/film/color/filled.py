"""Colour for places that have none of their own."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .opencv import cv2

# The windows, in places of the motion, that such a place takes its colour from; the wide one counts
# little, and so only where the near one holds nothing.
NEAR: Final = (5, 5)
WIDE: Final = (15, 15)
WIDE_SHARE: Final = 0.01


def filled(planes: NDArray[np.float32], reliable_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Planes whose unreliable places take the mean of the reliable ones around them.

    The mean is taken at the size of `reliable_u8`, that of the motion.
    """
    height, width = planes.shape[1:]
    weight = reliable_u8.astype(np.float32)
    total = _around(weight)
    hole = cv2.resize(
        ((reliable_u8 == 0) & (total > 0)).view(np.uint8), (width, height),
        interpolation=cv2.INTER_NEAREST,
    )  # fmt: skip
    np.maximum(total, np.float32(1e-6), out=total)
    out = np.empty_like(planes)
    for plane, filled in zip(planes, out, strict=True):
        small = cv2.resize(plane, weight.shape[::-1], interpolation=cv2.INTER_AREA)
        around = _around(small * weight) / total
        filled[:] = plane
        cv2.copyTo(cv2.resize(around, (width, height)), hole, filled)
    return out


def _around(places: NDArray[np.float32]) -> NDArray[np.float32]:
    mean: NDArray[np.float32] = cv2.scaleAdd(
        cv2.blur(places, WIDE), WIDE_SHARE, cv2.blur(places, NEAR)
    )
    return mean
