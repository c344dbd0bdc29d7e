from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from PIL import Image

from colorize_batch import Colorizer, Hint
from colorize_batch.engine.inference.hints import HintPlanes
from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.engine.inference.test_time_augmentation import MirrorAveraged
from colorize_batch.errors import UsageError
from colorize_batch.export.graph.compressed_model import compress_model
from colorize_batch.export.graph.read_model import read_model
from colorize_batch.export.parity.onnx_on_cpu import ab_on_cpu
from tests.conftest import write_tiny_model

from .hinted_model import ELSEWHERE, write_hinted_model

RED = Hint(x=0.25, y=0.75, color="#ff0000", radius=0.05)


def test_colours_are_those_of_cielab():
    assert RED.ab == pytest.approx((80.09, 67.20), abs=0.01)
    assert Hint(x=0, y=0, color="gray").ab == (0, 0)
    assert Hint(x=0, y=0, color="#808080").ab == pytest.approx((0, 0), abs=1e-3)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"x": 1.2, "y": 0, "color": "gray"}, "x must be a number in 0..1, got 1.2"),
        ({"x": 0, "y": "top", "color": "gray"}, "y must be a number in 0..1, got 'top'"),
        ({"x": 0, "y": 0, "color": "red"}, "color must be '#rrggbb' or 'gray', got 'red'"),
        ({"x": 0, "y": 0, "color": "gray", "radius": -1}, "radius must be a number"),
    ],
)
def test_hints_check_themselves(fields, message):
    with pytest.raises(UsageError, match=message):
        Hint(**fields)


@pytest.mark.parametrize("entry", [{"x": 0, "y": 0}, [0, 0, "gray"], {"x": 0, "y": 0, "c": 1}])
def test_json_of_another_kind_is_refused(entry):
    with pytest.raises(UsageError, match="expected an object with x, y, color and radius"):
        Hint.from_json(entry)


def test_planes():
    corner = Hint(x=1, y=1, color="gray", radius=0)
    planes = HintPlanes.of_hints([(), (RED, corner)], 40, 80)
    assert planes.ab.shape == (2, 2, 40, 80)
    assert planes.mask.shape == (2, 1, 40, 80)
    assert not planes.mask[0].any()
    assert not planes.ab[0].any()
    # Within 4 pixels of column 20, row 30, and the last pixel.
    rows, columns = np.nonzero(planes.mask[1, 0])
    assert (rows[:-1].min(), rows[:-1].max()) == (26, 33)
    assert (columns[:-1].min(), columns[:-1].max()) == (16, 23)
    assert (rows[-1], columns[-1]) == (39, 79)
    np.testing.assert_allclose(planes.ab[1, :, 30, 20], RED.ab, atol=1e-4)
    assert not planes.ab[:, :, planes.mask[1, 0] == 0].any()


def test_the_later_of_two_counts():
    planes = HintPlanes.of_hints([(RED, Hint(x=0.25, y=0.75, color="gray", radius=0))], 40, 80)
    assert planes.mask[0, 0, 30, 20] == 1
    assert not planes.ab[0, :, 30, 20].any()
    assert planes.ab[0, 0, 29, 20] > 70


def test_the_smallest_hint_is_a_pixel():
    assert HintPlanes.of_hints([[Hint(x=0.5, y=0.5, color="gray")]], 16, 16).mask.sum() == 1


def test_a_model_that_takes_hints_gets_them(tmp_path):
    model = write_hinted_model(tmp_path / "hinted.onnx")
    l_batch = np.full((1, 1, 64, 64), 50, np.float32)
    planes = HintPlanes.of_hints([[RED]], 64, 64)
    with closing(open_backend(model, device="cpu")) as backend:
        without = backend.infer(l_batch)
        ab = backend.infer(l_batch, planes)
        both = MirrorAveraged(backend).infer(l_batch, planes)
    np.testing.assert_array_equal(without[0, :, 48, 16], ELSEWHERE)
    np.testing.assert_allclose(ab[0, :, 48, 16], RED.ab, atol=1e-4)
    np.testing.assert_array_equal(ab[0, :, 5, 5], ELSEWHERE)
    np.testing.assert_allclose(both, ab, atol=1e-4)


def test_a_model_that_takes_none_refuses_them(tmp_path):
    model = write_tiny_model(tmp_path / "tiny.onnx")
    with (
        closing(open_backend(model, device="cpu")) as backend,
        pytest.raises(UsageError, match="model tiny takes no hints"),
    ):
        backend.infer(np.zeros((1, 1, 64, 64), np.float32), HintPlanes.of_hints([[RED]], 64, 64))


def test_read_for_export_it_takes_none(tmp_path):
    model, contract, _ = read_model(write_hinted_model(tmp_path / "hinted.onnx"))
    assert contract.hints == 0
    (ab,) = ab_on_cpu(model.SerializeToString(), [np.zeros((2, 1, 8, 8), np.float32)])
    np.testing.assert_array_equal(ab[1, :, 3, 3], ELSEWHERE)


def test_compressed_it_still_takes_them(tmp_path):
    model = write_hinted_model(tmp_path / "hinted.onnx")
    compress_model(model, tmp_path / "half.onnx")
    with closing(open_backend(tmp_path / "half.onnx", device="cpu")) as backend:
        assert backend.contract.hints == 1


def redness(rgb, x, y):
    height, width = rgb.shape[:2]
    red, green, _ = rgb[int(y * height), int(x * width)].astype(int)
    return red - green


def test_python_takes_hints_for_arrays_and_files(tmp_path):
    gray = np.full((90, 120), 120, np.uint8)
    Image.fromarray(gray).save(tmp_path / "gray.png")
    hint = Hint(x=0.25, y=0.75, color="#ff0000", radius=0.1)
    with Colorizer(write_hinted_model(tmp_path / "hinted.onnx"), device="cpu") as colorizer:
        for picture in (gray, tmp_path / "gray.png"):
            rgb = colorizer.colorize(picture, hints=[hint])
            assert redness(rgb, 0.25, 0.75) > 60
            assert redness(rgb, 0.75, 0.25) < 30
    # Of a model that takes none they are carried along the picture all the same.
    with Colorizer(write_tiny_model(tmp_path / "tiny.onnx"), device="cpu") as colorizer:
        rgb = colorizer.colorize(tmp_path / "gray.png", hints=[hint])
        assert redness(rgb, 0.25, 0.75) > 60


def test_places_are_those_of_the_upright_picture(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    picture = Image.fromarray(np.full((90, 120), 120, np.uint8))
    picture.save(tmp_path / "turned.jpg", exif=exif)
    hint = Hint(x=0.2, y=0.9, color="#ff0000", radius=0.1)
    with Colorizer(write_hinted_model(tmp_path / "hinted.onnx"), device="cpu") as colorizer:
        rgb = colorizer.colorize(tmp_path / "turned.jpg", hints=[hint])
    assert rgb.shape[:2] == (120, 90)
    assert redness(rgb, 0.2, 0.9) > 60
    assert redness(rgb, 0.8, 0.9) < 30
    assert redness(rgb, 0.2, 0.1) < 30
