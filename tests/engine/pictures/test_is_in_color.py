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
