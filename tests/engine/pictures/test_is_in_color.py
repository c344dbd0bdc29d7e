from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.pictures.is_in_color import is_in_color


def noisy(rgb: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 3, rgb.shape)
    return np.clip(rgb + noise, 0, 255).astype(np.uint8)


def test_gray_and_toned_pictures_are_not_in_color(gray_u8):
    gray = np.dstack([gray_u8] * 3).astype(float)
    assert not is_in_color(noisy(gray))
    sepia = gray * [1.0, 0.82, 0.6]
    cyanotype = 255 - (255 - gray) * [1.0, 0.7, 0.45]
    assert not is_in_color(noisy(sepia))
    assert not is_in_color(noisy(cyanotype))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_things_of_different_colour(dtype):
    scene = np.full((60, 60, 3), 120, dtype)
    scene[:30] = (110, 130, 170)
    scene[30:] = (90, 130, 80)
    scene[10:50, 20:40] = (200, 60, 50)
    scene[20:40, 30:50] = (230, 200, 40)
    assert is_in_color(scene * dtype(np.iinfo(dtype).max // 255))


def test_a_hand_coloured_face_counts_and_a_speck_does_not(gray_u8):
    portrait = np.dstack([np.kron(gray_u8, np.ones((4, 4)))] * 3)
    tinted = portrait.copy()
    height, width = portrait.shape[:2]
    y, x = np.mgrid[:height, :width]
    cheeks = ((y - height / 2) / (height / 10)) ** 2 + ((x - width / 2) / (width / 10)) ** 2 < 1
    tinted[cheeks] = tinted[cheeks] * [1.0, 0.72, 0.6] + [30, 0, 0]
    assert is_in_color(noisy(tinted))
    speck = portrait.copy()
    speck[10:16, 10:16] = (180, 60, 40)
    assert not is_in_color(noisy(speck))


def on_card(rgb: np.ndarray, card: tuple[int, int, int]) -> np.ndarray:
    height, width = rgb.shape[:2]
    sheet = np.full((height * 2, width * 2, 3), card, float)
    sheet[height // 2 : height // 2 + height, width // 2 : width // 2 + width] = rgb
    return sheet


def test_prints_on_coloured_card_are_not_in_color(gray_u8):
    sepia = np.dstack([gray_u8] * 3) * [1.0, 0.82, 0.6]
    for card in ((240, 225, 190), (220, 150, 85), (30, 30, 30)):
        assert not is_in_color(noisy(on_card(sepia, card)))


def test_a_colour_chart_beside_a_print_does_not_count(gray_u8):
    gray = np.dstack([gray_u8] * 3).astype(float)
    height, width = gray.shape[:2]
    chart = np.random.default_rng(2).integers(0, 256, (4, width // 8 + 1, 3))
    chart = chart.repeat(height // 16 + 1, axis=0).repeat(8, axis=1)[: height // 4, :width]
    assert not is_in_color(noisy(np.concatenate([gray, chart])))


def test_two_tones_are_a_tone(gray_u8):
    light = gray_u8[..., np.newaxis] / 255
    split = 255 * (light * [1.0, 0.96, 0.85] + (1 - light) * [0.05, 0.09, 0.2])
    assert not is_in_color(noisy(split))


def test_one_line_or_one_pixel_is_not_in_color():
    for shape in ((1, 1, 3), (1, 50, 3), (50, 1, 3), (2, 2, 3)):
        assert not is_in_color(np.full(shape, 90, np.uint8))
