"""A pale model becomes as colourful as asked for, at the least error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.errors import ModelError, UsageError
from colorize_batch.export.calibrated_colorfulness import calibrate_colorfulness
from colorize_batch.export.graph.chroma_curve import pop_chroma_curve
from tests.export.graph.graphs import linear_model
from tests.training.photos import photo_u8

PHOTOS = [photo_u8(48, 64, seed) for seed in range(3)]


@pytest.fixture
def pale_model(tmp_path: Path) -> Path:
    """Takes what is bright for a sky and what is dark for a meadow, and dares little of it."""
    return save(tmp_path / "pale.onnx", weight=(0.3, -0.6), bias=(-18.0, 34.0))


def save(path: Path, *, weight: tuple[float, float], bias: tuple[float, float]) -> Path:
    onnx.save(linear_model(weight, bias), path)
    return path


def test_pictures_are_as_colourful_as_asked_for(pale_model: Path, tmp_path: Path) -> None:
    output = tmp_path / "new" / "out.onnx"
    result = calibrate_colorfulness(pale_model, output, PHOTOS, colorfulness_share=0.65)
    assert result.before.colorfulness < 0.55
    assert result.after.colorfulness == pytest.approx(0.65, abs=0.01)
    assert result.after.under_gray > 0
    pale, curved = open_backend(pale_model), open_backend(output)
    assert curved.contract == pale.contract
    l_batch = np.linspace(0, 100, 32 * 32, dtype=np.float32).reshape(1, 1, 32, 32)
    np.testing.assert_allclose(
        curved.infer(l_batch), result.curve.of(pale.infer(l_batch)), atol=1e-4
    )


def test_a_second_calibration_replaces_the_first(pale_model: Path, tmp_path: Path) -> None:
    first = calibrate_colorfulness(pale_model, pale_model, PHOTOS, colorfulness_share=0.65)
    again = calibrate_colorfulness(
        pale_model, tmp_path / "again.onnx", PHOTOS, colorfulness_share=0.6
    )
    assert again.before == first.before
    assert again.after.colorfulness < first.after.colorfulness
    model = onnx.load(tmp_path / "again.onnx")
    curve = pop_chroma_curve(model)
    assert curve is not None
    assert (curve.limit, curve.half) == pytest.approx((again.curve.limit, again.curve.half))
    assert pop_chroma_curve(model) is None


def test_a_model_without_colour_is_refused(tmp_path: Path) -> None:
    gray = save(tmp_path / "gray.onnx", weight=(0, 0), bias=(0, 0))
    with pytest.raises(ModelError, match=r"gray\.onnx: too pale to calibrate: no curve gives 65%"):
        calibrate_colorfulness(gray, tmp_path / "out.onnx", PHOTOS, colorfulness_share=0.65)
    assert not (tmp_path / "out.onnx").exists()


@pytest.mark.parametrize(
    ("photos", "share", "message"),
    [([], 0.65, "photographs"), (PHOTOS, 0.0, r"0\.1 to 1\.5"), (PHOTOS, 2.0, r"0\.1 to 1\.5")],
)
def test_wrong_input_is_refused(
    pale_model: Path, tmp_path: Path, photos: list[NDArray[np.uint8]], share: float, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        calibrate_colorfulness(pale_model, tmp_path / "out.onnx", photos, colorfulness_share=share)
