"""Hints are carried over the region that they lie in, and not beyond its edges."""

from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.pictures.hint import Hint
from colorize_batch.engine.pictures.hinted_color import with_hints
from colorize_batch.engine.pictures.pixel_picture import PixelPicture

HEIGHT, WIDTH = 240, 320


@pytest.fixture
def picture():
    """A bright coat with folds in the middle of a dark, noisy wall."""
    random = np.random.default_rng(0)
    gray = random.normal(60, 2, (HEIGHT, WIDTH))
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    coat = (abs(rows - 120) < 80) & (abs(columns - 160) < 60)
    gray[coat] = (160 + 12 * np.sin(columns / 9) + random.normal(0, 1, (HEIGHT, WIDTH)))[coat]
    return PixelPicture(pixels=gray.round().astype(np.uint8)), coat


def at_pixels(ab_planes):
    assert ab_planes.shape == (2, HEIGHT, WIDTH)
    return ab_planes


def test_a_hint_changes_the_coat_and_not_the_wall(picture):
    picture, coat = picture
    predicted = np.zeros((2, 60, 80), np.float32)
    hint = Hint(x=0.5, y=0.5, color="#b03030")
    ab_planes = at_pixels(with_hints(predicted, picture, [hint]))
    np.testing.assert_allclose(ab_planes[:, 120, 160], hint.ab, atol=3)
    inside = np.abs(np.moveaxis(ab_planes, 0, 2)[coat] - hint.ab).max(1)
    assert (inside < 15).mean() > 0.7
    assert np.abs(ab_planes[:, ~coat]).max() < 2


def test_gray_is_a_hint_too_and_hints_stand_beside_each_other(picture):
    picture, coat = picture
    predicted = np.full((2, 60, 80), 20, np.float32)
    hints = [Hint(x=0.5, y=0.5, color="gray"), Hint(x=0.05, y=0.5, color="#4060a0")]
    ab_planes = at_pixels(with_hints(predicted, picture, hints))
    for hint in hints:
        row, column = int(hint.y * HEIGHT), int(hint.x * WIDTH)
        np.testing.assert_allclose(ab_planes[:, row, column], hint.ab, atol=3)
    assert np.hypot(*ab_planes[:, coat]).mean() < 8


def test_without_hints_the_prediction_is_handed_on(picture):
    predicted = np.ones((2, 6, 8), np.float32)
    assert with_hints(predicted, picture[0], ()) is predicted


def test_a_picture_of_one_pixel():
    dot = PixelPicture(pixels=np.full((1, 1), 90, np.uint8))
    hint = Hint(x=0.5, y=0.5, color="#b03030")
    ab_planes = with_hints(np.zeros((2, 4, 4), np.float32), dot, [hint])
    np.testing.assert_allclose(ab_planes[:, 0, 0], hint.ab, atol=6)
