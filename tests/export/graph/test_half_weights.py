"""Weights in half precision: half of the bytes, the same colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from colorize_batch.engine.inference.contract import INPUT_NAME, OUTPUT_NAME
from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.errors import ModelError
from colorize_batch.export.graph.compressed_model import compress_model
from colorize_batch.export.graph.fp16_from_onnx import fp16_from_onnx
from colorize_batch.export.graph.read_model import read_model
from tests.export.graph.graphs import model_of


@pytest.fixture
def wide_model(tmp_path: Path) -> Path:
    """Two convolutions of 32 channels; one weight of the second is beyond half precision."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=(32, 1, 5, 5)).astype(np.float32)
    second = rng.normal(size=(2, 32, 5, 5)).astype(np.float32) / 100
    last = rng.normal(size=(2, 2, 1, 1)).astype(np.float32)
    huge = np.full((2, 2, 12, 12), 1e6, np.float32)
    nodes = [
        helper.make_node("Conv", [INPUT_NAME, "first"], ["a"], pads=[2] * 4),
        helper.make_node("Conv", ["a", "second"], ["b"], pads=[2] * 4),
        helper.make_node("Conv", ["b", "last"], ["c"]),
        helper.make_node("GlobalMaxPool", ["huge"], ["d"]),
        helper.make_node("Min", ["c", "d"], [OUTPUT_NAME]),
    ]
    path = tmp_path / "wide.onnx"
    weights = {"first": first, "second": second, "last": last, "huge": huge[:1]}
    onnx.save(model_of(nodes, weights), path)
    return path


def types(model: onnx.ModelProto) -> dict[str, int]:
    return {weight.name: weight.data_type for weight in model.graph.initializer}


def test_large_weights_are_stored_in_half(wide_model: Path, tmp_path: Path) -> None:
    output = tmp_path / "new" / "half.onnx"
    size = compress_model(wide_model, output)
    assert size == output.stat().st_size < 0.75 * wide_model.stat().st_size
    stored = types(onnx.load(output))
    assert stored == {
        "first/half": TensorProto.FLOAT16,
        "second/half": TensorProto.FLOAT16,
        "last": TensorProto.FLOAT,
        "huge": TensorProto.FLOAT,
    }
    whole, halved = open_backend(wide_model), open_backend(output)
    assert halved.contract == whole.contract
    l_batch = np.linspace(0, 100, 32 * 32, dtype=np.float32).reshape(1, 1, 32, 32)
    expected = whole.infer(l_batch)
    assert np.abs(expected).max() > 30
    np.testing.assert_allclose(halved.infer(l_batch), expected, atol=0.3)


def test_they_are_read_as_float32(wide_model: Path, tmp_path: Path) -> None:
    compress_model(wide_model, tmp_path / "half.onnx")
    whole, _, _ = read_model(wide_model)
    widened, _, _ = read_model(tmp_path / "half.onnx")
    assert types(widened) == types(whole)
    assert [node.op_type for node in widened.graph.node] == [n.op_type for n in whole.graph.node]
    fp16_from_onnx(widened)


def test_a_second_time_changes_nothing(wide_model: Path, tmp_path: Path) -> None:
    output = tmp_path / "half.onnx"
    compress_model(wide_model, output)
    once = output.read_bytes()
    compress_model(output, output)
    assert output.read_bytes() == once


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("not a model")
    with pytest.raises(ModelError, match=r"text\.onnx: not a readable ONNX model"):
        compress_model(tmp_path / "text.onnx", tmp_path / "out.onnx")
