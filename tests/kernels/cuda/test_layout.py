"""Pictures to words and back."""

from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.kernels.cuda.layout import picture_from_words, row_words, words_from_picture


@pytest.mark.parametrize("width", [1, 3, 4, 5, 16])
@pytest.mark.parametrize("channels", [1, 3])
def test_round_trip(width: int, channels: int) -> None:
    shape = (3, width) if channels == 1 else (3, width, channels)
    picture = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    words = words_from_picture(picture)
    assert words.dtype == np.int32
    assert words.size == 3 * row_words(width, channels)
    assert (picture_from_words(words, shape) == picture).all()


def test_the_first_pixel_is_the_lowest_byte_of_its_word() -> None:
    words = words_from_picture(np.array([[1, 2, 3, 4, 5]], np.uint8))
    assert words.tolist() == [0x04030201, 0x05]
