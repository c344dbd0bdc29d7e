"""Made-up colour photographs: a sky, a meadow and a red disc, each a little different."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def photo_u8(height: int, width: int, seed: int) -> NDArray[np.uint8]:
    """(height, width, 3) sRGB."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    horizon = height * rng.uniform(0.3, 0.7)
    sky, meadow, disc = np.array([120, 170, 230]), np.array([70, 130, 50]), np.array([200, 60, 50])
    picture = np.where((y < horizon)[..., None], sky, meadow).astype(np.float64)
    radius = min(height, width) * rng.uniform(0.1, 0.25)
    inside = np.hypot(y - height * 0.6, x - width * rng.uniform(0.2, 0.8)) < radius
    picture[inside] = disc
    picture += rng.normal(0, 6, (height, width, 1)) + (x / width * 20)[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8)


def write_photo(path: Path, height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """Write one as the suffix says; gives its pixels before encoding."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = photo_u8(height, width, seed)
    Image.fromarray(pixels).save(path)
    return pixels
