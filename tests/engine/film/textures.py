"""Gray pictures that motion can be found in."""

from __future__ import annotations

import numpy as np

HEIGHT, WIDTH = 48, 64


def texture(seed=0, height=HEIGHT, width=2 * WIDTH):
    """Smooth noise over the whole range."""
    noise = np.random.default_rng(seed).normal(size=(height // 4, width // 4))
    rows = np.repeat(np.repeat(noise, 4, axis=0), 4, axis=1)
    kernel = np.ones(5) / 5
    for axis in (0, 1):
        rows = np.apply_along_axis(np.convolve, axis, rows, kernel, mode="same")
    return np.clip(128 + 90 * rows, 0, 255).astype(np.uint8)
