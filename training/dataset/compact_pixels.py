"""Pixels of a compact photograph, in whatever process needs them; the one module that imports Pillow."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from ...errors import DatasetError
from ...extras import needs_extra


def pixels_of_compact(encoded: bytes) -> NDArray[np.uint8]:
    """Decode what `compact_photo` gives, by Pillow.

    Not by libvips, whose threads would not live on in the processes that make batches.

    Parameters
    ----------
    encoded
        A JPEG or WebP in sRGB.

    Returns
    -------
    NDArray
        (H, W, 3) uint8 sRGB, new.

    Raises
    ------
    DatasetError
        The bytes are damaged.
    MissingDependencyError
        Pillow is not installed.
    """
    with needs_extra("train"):
        from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  # pixels need none
    try:
        with Image.open(io.BytesIO(encoded), formats=("JPEG", "WEBP")) as image:
            return np.array(image.convert("RGB"))
    except (OSError, UnidentifiedImageError, ValueError) as error:
        raise DatasetError(f"the cache is damaged: {error}; prepare it again") from error
