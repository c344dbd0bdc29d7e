"""The rewritten last convolution gives the same numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from colorize_batch.engine.inference.contract import INPUT_NAME, OUTPUT_NAME
from colorize_batch.export.graph.ensemble import ensemble_of_models
from colorize_batch.export.graph.space_to_depth_heads import fold_heads
from colorize_batch.export.parity.onnx_on_cpu import ab_on_cpu
from tests.conftest import TINY_CONTRACT


def head(kind: str = "Conv", **options: Any) -> onnx.ModelProto:
    """(N, 1, h, w) -> (N, 2, h, w)."""
    rng = np.random.default_rng(0)
    nodes = [
        helper.make_node("Conv", [INPUT_NAME, "w0", "b0"], ["features"], pads=[1, 1, 1, 1]),
        helper.make_node(
            "Conv",
            ["features", "w1", "b1"],
            [OUTPUT_NAME if kind == "Conv" else "plain"],
            **({"pads": [1, 1, 1, 1]} | options),
        ),
    ]
    if kind != "Conv":
        nodes.append(helper.make_node(kind, ["plain"], [OUTPUT_NAME]))
    graph = helper.make_graph(
        nodes,
        "head",
        [helper.make_tensor_value_info(INPUT_NAME, TensorProto.FLOAT, ["n", 1, "h", "w"])],
        [helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, ["n", 2, "h", "w"])],
        [
            numpy_helper.from_array(rng.normal(size=shape).astype(np.float32), name)
            for name, shape in (
                ("w0", (6, 1, 3, 3)),
                ("b0", (6,)),
                ("w1", (2, 6, 3, 3)),
                ("b1", (2,)),
            )
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


@pytest.mark.parametrize(("n", "h", "w"), [(1, 2, 2), (2, 6, 4), (1, 16, 20)])
def test_same_numbers(n: int, h: int, w: int) -> None:
    model = head()
    l_plane = np.random.default_rng(h).normal(size=(n, 1, h, w)).astype(np.float32)
    results = []
    for _ in range(2):
        session: Any = onnxruntime.InferenceSession(
            model.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        results.append(session.run(None, {INPUT_NAME: l_plane})[0])
        assert fold_heads(model) == (len(results) == 1)
        onnx.checker.check_model(model, full_check=True)
    np.testing.assert_allclose(results[1], results[0], atol=1e-4)


def test_all_heads_of_an_ensemble(tmp_path: Path) -> None:
    path = tmp_path / "one.onnx"
    first = head()
    helper.set_model_props(first, TINY_CONTRACT.to_metadata())
    onnx.save(first, path)
    second = head()
    weight = next(w for w in second.graph.initializer if w.name == "w1")
    weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight)[::-1].copy(), "w1"))
    helper.set_model_props(second, TINY_CONTRACT.to_metadata())
    onnx.save(second, tmp_path / "two.onnx")
    ensemble_of_models([path, tmp_path / "two.onnx"], tmp_path / "both.onnx", name="both")
    model = onnx.load(tmp_path / "both.onnx")
    l_plane = np.random.default_rng(1).normal(size=(1, 1, 8, 12)).astype(np.float32)
    before = ab_on_cpu(model.SerializeToString(), [l_plane])[0]
    assert fold_heads(model) == 2
    onnx.checker.check_model(model, full_check=True)
    assert [node.op_type for node in model.graph.node].count("DepthToSpace") == 2
    after = ab_on_cpu(model.SerializeToString(), [l_plane])[0]
    np.testing.assert_allclose(after, before, atol=1e-4)


@pytest.mark.parametrize(
    "model",
    [head("Tanh"), head(strides=[2, 2]), head(dilations=[2, 2], pads=[2, 2, 2, 2])],
    ids=["tanh", "stride", "dilation"],
)
def test_what_does_not_fit_is_left(model: onnx.ModelProto) -> None:
    before = model.SerializeToString(deterministic=True)
    assert fold_heads(model) == 0
    assert model.SerializeToString(deterministic=True) == before
