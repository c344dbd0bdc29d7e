"""Pictures of L* for the tests: something like a photograph, and pages to put it on."""

from __future__ import annotations

import numpy as np


def photograph(height: int, width: int, seed: int = 0) -> np.ndarray:
    """(height, width) float32 L*: light and dark shapes at several scales, from 2 to 97."""
    rng = np.random.default_rng(seed)
    plane = np.zeros((height, width))
    for cells in (3, 6, 12, 24, 48):
        coarse = rng.normal(size=(cells, cells))
        y = np.linspace(0, cells - 1.001, height)
        x = np.linspace(0, cells - 1.001, width)
        iy, ix = y.astype(int), x.astype(int)
        fy, fx = (y - iy)[:, None], (x - ix)[None, :]
        jy, jx = np.minimum(iy + 1, cells - 1), np.minimum(ix + 1, cells - 1)
        top = coarse[np.ix_(iy, ix)] * (1 - fx) + coarse[np.ix_(iy, jx)] * fx
        bottom = coarse[np.ix_(jy, ix)] * (1 - fx) + coarse[np.ix_(jy, jx)] * fx
        plane += (top * (1 - fy) + bottom * fy) / cells**0.5
    low, high = np.percentile(plane, [0.5, 99.5])
    return np.clip(2 + 95 * (plane - low) / (high - low), 2, 97).astype(np.float32)


def board(height: int, width: int, l_value: float, noise: float = 0.6, seed: int = 1) -> np.ndarray:
    """(height, width) float32 L* of a flat board with the noise of a scanner."""
    rng = np.random.default_rng(seed)
    return (l_value + noise * rng.normal(size=(height, width))).clip(0, 100).astype(np.float32)


def text_lines(page: np.ndarray, top: int, left: int, bottom: int, right: int) -> None:
    """Print words of dark strokes into a page, in place."""
    rng = np.random.default_rng(2)
    for y in range(top, bottom - 6, 12):
        x = left
        while x < right - 4:
            if rng.random() < 0.8:
                page[y : y + 6, x : x + 2] = 20
                page[y + 2 * int(rng.integers(3)), x : x + 4] = 25
            x += 4
