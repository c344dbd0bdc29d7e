import itertools

import numpy as np
import pytest

from colorize_batch.engine.pictures.formats import FORMATS
from colorize_batch.engine.pictures.natural_picture import natural_picture
from colorize_batch.engine.pictures.pixel_picture import PixelPicture

HEIGHT, WIDTH = 900, 1200


@pytest.fixture(scope="module")
def picture():
    return natural_picture(HEIGHT, WIDTH, 3)


def test_takes_as_many_bits_as_a_photograph(picture):
    jpeg = PixelPicture(pixels=picture).encoded(FORMATS["jpg"], 90)
    assert 1.0 < len(jpeg) * 8 / picture.size < 2.0


def test_its_spectrum_falls_as_in_natural_images(picture):
    amplitudes = np.abs(np.fft.rfft2(picture - picture.mean()))
    frequencies = np.hypot(
        np.fft.fftfreq(HEIGHT)[:, np.newaxis], np.fft.rfftfreq(WIDTH)[np.newaxis]
    )
    edges = np.geomspace(0.005, 0.15, 11)
    means = [
        amplitudes[(frequencies >= low) & (frequencies < high)].mean()
        for low, high in itertools.pairwise(edges)
    ]
    slope = np.polyfit(np.log(np.sqrt(edges[:-1] * edges[1:])), np.log(means), 1)[0]
    assert -1.6 < slope < -0.8


def test_has_shadows_lights_and_edges(picture):
    assert np.percentile(picture, 5) < 40
    assert np.percentile(picture, 95) > 200
    steps = np.abs(np.diff(picture.astype(int), axis=1))
    assert np.median(steps) < 5
    assert np.percentile(steps, 99.5) > 15


def test_a_seed_is_a_scene(picture):
    np.testing.assert_array_equal(natural_picture(HEIGHT, WIDTH, 3), picture)
    other = natural_picture(HEIGHT, WIDTH, 4)
    small = natural_picture(HEIGHT // 6, WIDTH // 6, 3)
    reduced = picture.reshape(HEIGHT // 6, 6, WIDTH // 6, 6).mean((1, 3))
    assert np.corrcoef(small.ravel(), reduced.ravel())[0, 1] > 0.8
    assert np.corrcoef(other.ravel(), picture.ravel())[0, 1] < 0.5


def test_too_small():
    with pytest.raises(ValueError, match="at least 16 x 16 pixels, got 15 x 100"):
        natural_picture(100, 15, 0)
