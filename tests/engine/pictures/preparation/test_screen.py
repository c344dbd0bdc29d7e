from __future__ import annotations

import math

import numpy as np
import pytest

from colorize_batch.engine.pictures.preparation.screen import find_screen, without_screen

from .scenes import photograph


def printed(plane: np.ndarray, period: float, degrees: float) -> np.ndarray:
    """The plane in dots whose size follows its lightness."""
    height, width = plane.shape
    y, x = (np.mgrid[: 3 * height, : 3 * width] + 0.5) / 3
    turn = math.radians(degrees)
    u = 2 * math.pi / period * (x * math.cos(turn) + y * math.sin(turn))
    v = 2 * math.pi / period * (y * math.cos(turn) - x * math.sin(turn))
    threshold = 50 + 25 * (np.cos(u) + np.cos(v))
    fine = plane.repeat(3, axis=0).repeat(3, axis=1)
    dots = 10 + 85 * np.clip((fine - threshold) / 30 + 0.5, 0, 1)
    return dots.reshape(height, 3, width, 3).mean(axis=(1, 3)).astype(np.float32)


@pytest.mark.parametrize("degrees", [0, 15, 45, 75])
@pytest.mark.parametrize("period", [2.5, 3.2, 4.5])
def test_a_screen_is_found_and_averaged_out(period: float, degrees: float) -> None:
    plane = photograph(288, 288)
    dots = printed(plane, period, degrees)
    screen = find_screen(dots)
    assert screen is not None
    assert screen.period == pytest.approx(period, rel=0.06)
    smooth = without_screen(dots, screen)
    left = find_screen(smooth)
    assert left is None or left.amplitude < 0.1 * screen.amplitude
    assert np.abs(np.diff(smooth, axis=1)).mean() < 0.4 * np.abs(np.diff(dots, axis=1)).mean()


def test_photographs_have_no_screen() -> None:
    for seed in range(8):
        plane = photograph(288, 256, seed)
        assert find_screen(plane) is None
        grain = plane + 8 * np.random.default_rng(seed).normal(size=plane.shape)
        assert find_screen(grain.clip(0, 100).astype(np.float32)) is None


def test_a_wall_of_bricks_has_no_screen() -> None:
    plane = photograph(288, 288)
    y, x = np.mgrid[:288, :288]
    plane = np.where((y % 12 < 2) | ((x + 12 * (y // 12 % 2)) % 24 < 2), 80, plane)
    assert find_screen(plane.astype(np.float32)) is None


def test_a_plane_that_is_too_small_has_none() -> None:
    assert find_screen(np.zeros((40, 300), np.float32)) is None
