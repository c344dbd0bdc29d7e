from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import colorize_batch
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
    "wrong",
    [
        np.full((3, 4), 7.0),
        np.full((3, 4), np.nan),
        np.zeros((3, 4, 5), np.uint8),
        np.zeros(3, np.uint8),
        np.zeros((3, 4), np.int64),
    ],
)
def test_other_arrays_are_refused(colorizer, wrong):
    with pytest.raises(UsageError, match="expected"):
        colorizer.colorize(wrong)


@pytest.mark.parametrize("wrong", [None, 3, ["a.jpg"], {"path": "a.jpg"}])
def test_what_is_no_picture_is_refused_by_name(colorizer, wrong):
    with pytest.raises(UsageError, match=f"expected a path, .* got {type(wrong).__name__}"):
        colorizer.colorize(wrong)


@pytest.mark.parametrize("one", ["a.jpg", b"bytes", np.zeros((2, 2), np.uint8), io.BytesIO()])
def test_many_refuses_a_single_picture(colorizer, one):
    with pytest.raises(UsageError, match="expected several"):
        colorizer.colorize_many(one)


@pytest.mark.parametrize(
    "wrong",
    [
        {"saturation": "high"},
        {"saturation": -1},
        {"style": "sepia"},
        {"device": 3},
        {"device": "tpu"},
        {"workers": "many"},
        {"batch_size": -4},
        {"model": None},
    ],
)
def test_wrong_options_are_usage_errors(tiny_model, wrong):
    with pytest.raises(UsageError):
        Colorizer(**{"model": tiny_model, **wrong})


def test_floats_come_back_as_floats(colorizer, gray_u8):
    result = colorizer.colorize(gray_u8 / 255)
    assert result.dtype == np.float32
    assert 0 <= result.min() <= result.max() <= 1
    expected = colorizer.colorize(gray_u8).astype(np.float32) / 255
    assert np.abs(result - expected).max() < 0.01


def test_bool_is_black_and_white(colorizer, gray_u8):
    bright = gray_u8 > 100
    assert np.array_equal(colorizer.colorize(bright), colorizer.colorize(bright.astype("u1") * 255))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "1", "CMYK", "I;16", "I"])
def test_pil_images_of_every_mode(colorizer, mode):
    image = Image.fromarray(pixels(1)[:, :, 0])
    image = image.convert(mode) if mode != "I;16" else image.convert("I").convert(mode)
    result = colorizer.colorize(image)
    assert result.shape == (HEIGHT, WIDTH, 4 if mode in ("LA", "RGBA") else 3)
    if mode in ("L", "RGB"):
        assert np.array_equal(result, colorizer.colorize(np.asarray(image)))


def test_bytes_and_open_files_are_as_their_paths(colorizer, tmp_path):
    path = tmp_path / "gray.png"
    path.write_bytes(FILES["gray.png"]())
    expected = colorizer.colorize(path)
    assert np.array_equal(colorizer.colorize(path.read_bytes()), expected)
    assert np.array_equal(colorizer.colorize(io.BytesIO(path.read_bytes())), expected)
    with path.open("rb") as file:
        assert np.array_equal(colorizer.colorize(file), expected)
    with path.open("r", encoding="latin-1") as text, pytest.raises(UsageError, match="binary"):
        colorizer.colorize(text)
    with pytest.raises(PictureError):
        colorizer.colorize(b"no picture")


def test_home_is_expanded(colorizer, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "gray.png").write_bytes(FILES["gray.png"]())
    assert colorizer.colorize("~/gray.png").shape == (HEIGHT, WIDTH, 3)


def test_tensors(colorizer, gray_u8):
    torch = pytest.importorskip("torch")
    expected = colorizer.colorize(gray_u8)
    rgb_chw = torch.from_numpy(np.stack([gray_u8] * 3))
    assert np.array_equal(colorizer.colorize(torch.from_numpy(gray_u8)), expected)
    assert np.array_equal(colorizer.colorize(rgb_chw), expected)
    floats = colorizer.colorize((rgb_chw / 255).requires_grad_())
    assert np.abs(floats * 255 - expected).max() < 2


def test_many_takes_a_mixture_in_order_and_tells_progress(colorizer, tmp_path, gray_u8):
    path = tmp_path / "gray.png"
    path.write_bytes(FILES["gray.png"]())
    given = [path, None, gray_u8, path.read_bytes(), tmp_path / "no.png", gray_u8 / 255, "x\0y"]
    seen = []
    results = list(
        colorizer.colorize_many(given, progress=lambda done, total: seen.append((done, total)))
    )
    assert [result.source is item for result, item in zip(results, given, strict=True)][1:3] == [
        True,
        True,
    ]
    assert [result.rgb is None for result in results] == [0, 1, 0, 0, 1, 0, 1]
    assert all(bool(result.error) == (result.rgb is None) for result in results)
    assert np.array_equal(results[0].rgb, results[3].rgb)
    assert results[5].rgb.dtype == np.float32
    assert seen == [(number, 7) for number in range(1, 8)]


def test_save_writes_what_the_command_writes(colorizer, tmp_path):
    from PIL import ExifTags

    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "A. Photographer"
    source, output = tmp_path / "in.jpg", tmp_path / "new" / "out.jpg"
    Image.fromarray(pixels(1)[:, :, 0]).save(source, exif=exif, quality=90)
    colorizer.save(source, output)
    with Image.open(output) as saved:
        assert saved.mode == "RGB"
        assert saved.getexif()[ExifTags.Base.Artist] == "A. Photographer"
    (result,) = colorizer.colorize_many([source])
    result.save(tmp_path / "again.png")
    with Image.open(tmp_path / "again.png") as again:
        assert np.array_equal(np.asarray(again), result.rgb)
    with pytest.raises(UsageError, match="source itself"):
        colorizer.save(source, source)
    with pytest.raises(UsageError, match="expected an ending"):
        colorizer.save(source, tmp_path / "out.doc")
    (failed,) = colorizer.colorize_many([tmp_path / "none.jpg"])
    with pytest.raises(PictureError, match="nothing to save"):
        failed.save(tmp_path / "x.png")


def test_it_pickles_as_its_settings(tiny_model, gray_u8, monkeypatch, tmp_path):
    monkeypatch.chdir(tiny_model.parent)
    with Colorizer(tiny_model.name, saturation=0.5) as colorizer:
        expected = colorizer.colorize(gray_u8)
        pickled = pickle.dumps(colorizer)
    monkeypatch.chdir(tmp_path)  # the other process may be anywhere
    with pickle.loads(pickled) as other:
        assert np.array_equal(other.colorize(gray_u8), expected)
    with pytest.raises(BackendError, match="closed"):
        pickle.dumps(colorizer)


def test_the_package_shows_its_api():
    assert {"Colorizer", "ColorizedPicture", "ColorizeError"} <= set(dir(colorize_batch))
    assert all(hasattr(colorize_batch, name) for name in dir(colorize_batch))


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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_child_is_told_and_does_not_hang(tiny_model, write_pictures, tmp_path):
    (path,) = write_pictures(tmp_path, 1)
    code = f"""
import os, signal, numpy as np, colorize_batch
make = lambda: colorize_batch.Colorizer({str(tiny_model)!r})
with make() as colorizer:
    colorizer.colorize({str(path)!r})
    for use in (lambda: colorizer.colorize({str(path)!r}), lambda: make().colorize({str(path)!r})):
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            try:
                use()
            except colorize_batch.ColorizeError as error:
                print(type(error).__name__, error, flush=True)
            os._exit(0)
        print(os.waitpid(child, 0)[1], flush=True)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, status, second, last_status = done.stdout.splitlines()
    assert (status, last_status) == ("0", "0")
    assert first.startswith("BackendError a Colorizer that was made before a fork")
    assert second.startswith("BackendError this process was forked after a model was loaded")


def test_closed_in_the_middle_is_an_exception(tiny_model, write_pictures, tmp_path):
    colorizer = Colorizer(tiny_model)
    results = colorizer.colorize_many(write_pictures(tmp_path, 30))
    assert next(results).error == ""
    colorizer.close()
    with pytest.raises(BackendError, match="closed"):
        list(results)


@pytest.mark.parametrize("nothing", [None, 7, {}])
def test_what_can_be_no_picture_is_a_type_error(tiny_model, nothing):
    with Colorizer(tiny_model) as colorizer, pytest.raises(TypeError, match="expected a path"):
        colorizer.colorize(nothing)
