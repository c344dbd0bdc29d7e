from __future__ import annotations

import numpy as np
import pytest

from colorize_batch import Colorizer
from colorize_batch.errors import BackendError, PictureError, UsageError
from colorize_batch.kernels.reference import lab_from_srgb

from .engine.pictures.samples import FILES, HEIGHT, WIDTH, pixels


@pytest.fixture(scope="module")
def colorizer(tiny_model):
    with Colorizer(tiny_model) as loaded:
        yield loaded


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [0, 1, 2, 3, 4])
def test_arrays_of_every_kind(colorizer, channels, dtype):
    array = pixels(channels, dtype) if channels else pixels(1, dtype)[:, :, 0]
    result = colorizer.colorize(array)
    assert result.dtype == dtype
    assert result.shape == (HEIGHT, WIDTH, 4 if channels in (2, 4) else 3)
    if channels in (2, 4):
        assert np.array_equal(result[:, :, -1], array[:, :, -1])


def test_lightness_stays_and_colour_comes(tiny_model, gray_u8):
    middle = np.clip(gray_u8, 60, 200)
    with Colorizer(tiny_model, as_is=True) as colorizer:
        lab = lab_from_srgb(colorizer.colorize(middle) / 255)
    expected = lab_from_srgb(np.dstack([middle] * 3) / 255)[:, :, 0]
    assert np.abs(lab[:, :, 0] - expected).max() < 0.5
    assert lab[:, :, 1].mean() == pytest.approx(20, abs=1)


def test_an_empty_frame_gets_no_colour(colorizer):
    frame = np.random.default_rng(0).integers(120, 131, (200, 300)).astype(np.uint8)
    lab = lab_from_srgb(colorizer.colorize(frame) / 255)
    assert np.hypot(lab[:, :, 1], lab[:, :, 2]).mean() < 3


def test_an_array_and_its_file_agree(colorizer, tmp_path):
    path = tmp_path / "gray.png"
    path.write_bytes(FILES["gray.png"]())
    assert np.array_equal(colorizer.colorize(path), colorizer.colorize(pixels(1)))


def test_many_keeps_order_and_goes_on(colorizer, tmp_path):
    names = ["gray.png", "rgb.jpg", "missing.png", "rgba-16.png", "gray-alpha.png"]
    for name in names:
        if name in FILES:
            (tmp_path / name).write_bytes(FILES[name]())
    results = list(colorizer.colorize_many(tmp_path / name for name in names))
    assert [result.source.name for result in results] == names
    shapes = [None if result.rgb is None else result.rgb.shape for result in results]
    rgb, rgba = (HEIGHT, WIDTH, 3), (HEIGHT, WIDTH, 4)
    assert shapes == [rgb, rgb, None, rgba, rgba]
    assert "No such file" in results[2].error


def test_no_saturation_is_gray(tiny_model, gray_u8):
    with Colorizer(tiny_model, saturation=0) as colorizer:
        result = colorizer.colorize(gray_u8)
    assert np.array_equal(result, np.dstack([gray_u8] * 3))


@pytest.mark.parametrize(
    "wrong", [np.zeros((3, 4)), np.zeros((3, 4, 5), np.uint8), np.zeros(3, np.uint8)]
)
def test_other_arrays_are_refused(colorizer, wrong):
    with pytest.raises(ValueError, match="expected"):
        colorizer.colorize(wrong)


def test_errors(colorizer, tmp_path):
    with pytest.raises(PictureError, match=r"missing\.jpg: cannot be read"):
        colorizer.colorize(tmp_path / "missing.jpg")
    with pytest.raises(UsageError, match="expected auto or lite"):
        Colorizer("no-such-model")
    with pytest.raises(UsageError, match="no such model file"):
        Colorizer(tmp_path / "no.onnx")


def test_use_after_close(tiny_model, gray_u8):
    colorizer = Colorizer(tiny_model)
    colorizer.close()
    colorizer.close()
    assert colorizer.closed
    with pytest.raises(BackendError, match="closed"):
        colorizer.colorize(gray_u8)
    with pytest.raises(BackendError, match="closed"):
        next(colorizer.colorize_many(["x.jpg"]))
