"""Quantisation keeps the colours, says when it does not, and leaves nothing half-written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from colorize_batch.engine.inference.model_files import model_file
from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.errors import ContractError, DatasetError, ModelError, UsageError
from colorize_batch.export.graph.int8_from_onnx import Int8Options, int8_from_onnx
from colorize_batch.export.parity.calibration import calibration_planes
from colorize_batch.training.dataset.prepare import prepare
from tests.conftest import TINY_CONTRACT
from tests.training.photos import write_photo


def pictures(count: int, seed: int) -> list[NDArray[np.float32]]:
    """Smooth (1, 1, 64, 96) L* 0..100."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 100, (count, 1, 1, 8, 12)).astype(np.float32)
    return list(np.kron(coarse, np.ones((1, 1, 1, 8, 8), np.float32)))


def test_lite_keeps_its_colours(tmp_path: Path) -> None:
    output = tmp_path / "new" / "small.onnx"
    rms_ab = int8_from_onnx(
        model_file("lite"),
        output,
        Int8Options(name="small", max_rms_ab=4.0),
        calibration=pictures(3, 1),
        held_out=pictures(2, 2),
    )
    assert 0 < rms_ab <= 4.0
    # The other's weights are in half precision.
    assert output.stat().st_size < 0.6 * model_file("lite").stat().st_size
    kinds = {node.op_type for node in onnx.load(output).graph.node}
    assert {"QuantizeLinear", "DequantizeLinear", "DepthToSpace"} <= kinds
    assert "Resize" in kinds  # one step would be dearer folded
    full, small = open_backend(model_file("lite")), open_backend(output)
    assert small.contract.name == "small"
    assert small.contract.weights_sha256 == full.contract.weights_sha256
    l_batch = np.concatenate(pictures(2, 2))
    difference = small.infer(l_batch) - full.infer(l_batch)
    assert np.sqrt(np.mean(np.square(difference))) == pytest.approx(rms_ab, rel=0.05)


def test_the_shipped_twin_is_near_lite() -> None:
    full, small = (open_backend(model_file(name)) for name in ("lite", "lite-int8"))
    assert small.contract.name == "lite-int8"
    assert small.contract.weights_sha256 == full.contract.weights_sha256
    # Of processors without 8-bit dot products some let sums overflow; hence not nearer.
    l_batch = np.concatenate(pictures(4, 3))
    difference = small.infer(l_batch) - full.infer(l_batch)
    assert np.sqrt(np.mean(np.square(difference))) < 6


def test_too_large_a_difference_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    options = Int8Options(name="tiny", float_layers=0, max_rms_ab=1e-6)
    with pytest.raises(ModelError, match=r"changes the colours by .* at most 1e-06"):
        int8_from_onnx(
            tiny_model,
            tmp_path / "out.onnx",
            options,
            calibration=pictures(1, 0),
            held_out=pictures(1, 1),
        )
    assert list(tmp_path.iterdir()) == []


def test_wrong_input_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    output, options = tmp_path / "out.onnx", Int8Options(name="x")
    some = pictures(1, 0)
    with pytest.raises(UsageError, match="photographs to calibrate on"):
        int8_from_onnx(tiny_model, output, options, calibration=[], held_out=some)
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(ModelError, match=r"text\.onnx: not a readable ONNX model"):
        int8_from_onnx(tmp_path / "text.onnx", output, options, calibration=some, held_out=some)
    bare = onnx.load(tiny_model)
    del bare.metadata_props[:]
    onnx.save(bare, tmp_path / "bare.onnx")
    with pytest.raises(ContractError, match="no colorize-batch contract"):
        int8_from_onnx(tmp_path / "bare.onnx", output, options, calibration=some, held_out=some)
    for wrong in ({"name": " "}, {"name": "x", "float_layers": -1}):
        with pytest.raises(UsageError, match="export:"):
            Int8Options(**wrong)  # type: ignore[arg-type]


def test_calibration_draws_from_a_cache(tmp_path: Path) -> None:
    for index in range(6):
        write_photo(tmp_path / "photos" / f"{index}.png", 80 + index, 120, seed=index)
    cache_dir = prepare([str(tmp_path / "photos")], tmp_path / "cache", short_side=72).cache_dir
    calibration, held_out = calibration_planes(cache_dir, TINY_CONTRACT, 4)
    assert len(calibration) == 4
    assert 1 <= len(held_out) <= 2
    for plane in calibration + held_out:
        assert plane.dtype == np.float32
        assert plane.shape[:2] == (1, 1)
        assert plane.shape[2] % 16 == plane.shape[3] % 16 == 0
        assert 0 <= plane.min() <= plane.max() <= 100
    again, _ = calibration_planes(cache_dir, TINY_CONTRACT, 4)
    assert all(np.array_equal(*pair) for pair in zip(calibration, again, strict=True))
    with pytest.raises(UsageError, match="expected at least 2"):
        calibration_planes(cache_dir, TINY_CONTRACT, 1)
    with pytest.raises(DatasetError, match="no photo cache"):
        calibration_planes(tmp_path, TINY_CONTRACT, 4)
