"""A visible line of text in a picture's corner."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .caption import caption

_SHARE_OF_HEIGHT: Final = 30  # letters are a thirtieth of the shorter side high
_SMALLEST: Final = 9  # pixels
_LETTER_DPI: Final = 6.5  # points of the caption's letters to a pixel


def draw_label(rgb: NDArray[Any], text: str) -> None:
    """Draw a line of text into the lower left corner, white on a darkened strip.

    Parameters
    ----------
    rgb
        (H, W, 3) u8 or u16; changed in place. What does not fit is cut off at the right.
    text
        One line of plain text.
    """
    height, width = rgb.shape[:2]
    letters = max(_SMALLEST, min(height, width) // _SHARE_OF_HEIGHT)
    coverage = caption(" ".join(text.split()), dpi=round(letters * _LETTER_DPI)).numpy()
    coverage = coverage.reshape(coverage.shape[0], -1)
    margin = letters // 2
    strip = rgb[max(0, height - coverage.shape[0] - 2 * margin) :, : coverage.shape[1] + 2 * margin]
    strip //= 3
    room = strip[margin:, margin:]
    ink = coverage[: room.shape[0], : room.shape[1], np.newaxis] / 255
    place = room[: ink.shape[0], : ink.shape[1]]
    place[...] = place * (1 - ink) + np.iinfo(rgb.dtype).max * ink
