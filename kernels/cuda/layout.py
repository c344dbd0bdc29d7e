"""How pictures and planes lie in device memory.

A row of pixels starts on a multiple of 4 bytes and is padded to whole quads of 4 pixels, so that
kernels move 32-bit words: one a quad for gray, three for RGB. What the padding holds is never
looked at. Planes of float32 are packed in C order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float32]
Kernel: TypeAlias = Callable[..., None]

QUAD: Final = 4  # pixels

# A chunk of the reduction is a word a thread, and must hold whole quads of RGB.
REDUCE_THREADS: Final = 192
CELL_THREADS: Final = 128
QUAD_THREADS: Final = 128

# Planes of the field, each of the size of the ab planes: what `enlarging` reads, then scratch.
STARTS: Final = 0  # and 1: offsets fx and fz, or with a guide the intercepts of their lines
SLOPES: Final = 2  # and 3: the slopes of those lines
WINDOW_SLOPES: Final = 4  # and 5: slopes of single windows
GUIDE: Final = 6  # luma 0..1
BILINEAR_PLANES: Final = 2
GUIDED_PLANES: Final = 7


def row_words(width: int, channels: int) -> int:
    """32-bit words from one row of 1 or 3 channels to the next."""
    return channels * -(-width // QUAD)


def words_from_picture(picture_u8: NDArray[np.uint8]) -> Words:
    """Lay out a picture as kernels read it.

    Parameters
    ----------
    picture_u8
        (H, W) or (H, W, 3).

    Returns
    -------
    ndarray
        (H * row_words,) int32; the padding is 0.
    """
    height, width = picture_u8.shape[:2]
    channels = picture_u8.shape[2] if picture_u8.ndim == 3 else 1
    rows = np.zeros((height, 4 * row_words(width, channels)), np.uint8)
    rows[:, : width * channels] = picture_u8.reshape(height, -1)
    return rows.view(np.int32).reshape(-1)


def picture_from_words(words: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Undo `words_from_picture` for a picture of `shape`, (H, W) or (H, W, 3); a copy."""
    values = int(np.prod(shape[1:]))
    rows = words.view(np.uint8).reshape(shape[0], -1)
    return rows[:, :values].reshape(shape).copy()
