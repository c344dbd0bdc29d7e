"""The colour that a model without eyes would give every pixel."""

from __future__ import annotations

import numpy as np

from ...kernels.reference import lab_from_srgb
from ..dataset.photo_cache import PhotoCache

PIXEL_STEP = 8


def mean_ab(cache: PhotoCache) -> tuple[float, float]:
    """Mean CIELAB (a*, b*) of the cached photographs, each counting the same.

    Every eighth pixel of every eighth row is looked at.
    """
    means = [
        lab_from_srgb(cache.rgb_u8(index)[::PIXEL_STEP, ::PIXEL_STEP] / 255).mean(axis=(0, 1))
        for index in range(len(cache))
    ]
    _, a, b = np.mean(means, axis=0)
    return float(a), float(b)
