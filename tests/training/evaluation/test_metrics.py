import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from colorize_batch.training.evaluation.metrics import (
    MAX_PSNR_DB,
    color_metrics,
    colorfulness,
    psnr_db,
)
from tests.training.photos import photo_u8


def test_psnr() -> None:
    first, second = photo_u8(40, 60, seed=1), photo_u8(40, 60, seed=2)
    assert psnr_db(first, second) == pytest.approx(peak_signal_noise_ratio(second, first))
    assert psnr_db(first, first) == MAX_PSNR_DB


def test_colorfulness_of_gray_is_nothing() -> None:
    assert colorfulness(np.repeat(photo_u8(40, 60, seed=1)[..., :1], 3, axis=2)) == 0


def test_colorfulness_by_hand() -> None:
    """Half red, half blue: rg is 255 and 0, yb is 127.5 and -255."""
    halves = np.zeros((2, 2, 3), dtype=np.uint8)
    halves[0, :, 0] = halves[1, :, 2] = 255
    spread = np.hypot(127.5, (127.5 + 255) / 2)
    offset = np.hypot(127.5, (127.5 - 255) / 2)
    assert colorfulness(halves) == pytest.approx(spread + 0.3 * offset)


def test_fewer_colours_are_less_colourful() -> None:
    photo = photo_u8(40, 60, seed=1)
    pale = (photo // 2 + photo.mean(axis=2, keepdims=True) / 2).astype(np.uint8)
    assert 0 < colorfulness(pale) < colorfulness(photo)


def test_equal_pictures() -> None:
    photo = photo_u8(40, 60, seed=1)
    metrics = color_metrics({"same": photo}, photo)["same"]
    assert (metrics.ciede2000, metrics.psnr_db) == (0, MAX_PSNR_DB)
    assert (metrics.ssim, metrics.colorfulness_gap) == (pytest.approx(1), 0)
    assert metrics.bleeding == pytest.approx(0)


def test_wrong_colours_are_farther_off_than_none() -> None:
    photo = photo_u8(40, 60, seed=1)
    gray = np.repeat(photo.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    wrong = np.ascontiguousarray(photo[..., ::-1])
    metrics = color_metrics({"wrong": wrong, "gray": gray}, photo)
    assert metrics["wrong"].ciede2000 > metrics["gray"].ciede2000 > 5
    assert metrics["gray"].ssim < 1
    # Too little colour and too much are gaps alike.
    assert metrics["gray"].colorfulness_gap == pytest.approx(colorfulness(photo))
    assert color_metrics({"vivid": photo}, gray)["vivid"].colorfulness_gap == pytest.approx(
        colorfulness(photo)
    )
