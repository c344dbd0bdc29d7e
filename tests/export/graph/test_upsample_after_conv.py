"""The rewritten decoder gives the same numbers with fewer multiplications."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from colorize_batch.export.graph.upsample_after_conv import fold_doublings


def decoder(x_channels: int, skip_channels: int, out_channels: int, **conv: Any) -> onnx.ModelProto:
    """x (N, C, h, w) and skip (N, S, 2h, 2w) -> (N, out, 2h, 2w)."""
    rng = np.random.default_rng(x_channels)
    side = conv.get("kernel_shape", [3, 3])[0]
    shape = (out_channels, x_channels + skip_channels, side, side)
    weight = rng.normal(0, 0.2, shape).astype(np.float32)
    bias = rng.normal(0, 0.2, out_channels).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Resize", ["x", "", "scales"], ["up"], "up", mode="nearest"),
            helper.make_node("Concat", ["up", "skip"], ["both"], "both", axis=1),
            helper.make_node(
                "Conv", ["both", "w", "b"], ["y"], "y", **({"pads": [1, 1, 1, 1]} | conv)
            ),
            helper.make_node("Relu", ["y"], ["out"], "out"),
        ],
        "decoder",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", x_channels, "h", "w"]),
            helper.make_tensor_value_info(
                "skip", TensorProto.FLOAT, ["n", skip_channels, "H", "W"]
            ),
        ],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", out_channels, "H", "W"])],
        [
            numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales"),
            numpy_helper.from_array(weight, "w"),
            numpy_helper.from_array(bias, "b"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def run(model: onnx.ModelProto, x: NDArray[np.float32], skip: NDArray[np.float32]) -> Any:
    session: Any = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"x": x, "skip": skip})[0]


@pytest.mark.parametrize(("n", "h", "w"), [(1, 1, 1), (1, 2, 3), (2, 5, 4), (3, 8, 8)])
@pytest.mark.parametrize("channels", [(8, 2, 3), (5, 1, 4)])
def test_same_numbers(n: int, h: int, w: int, channels: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(h * w)
    x = rng.normal(size=(n, channels[0], h, w)).astype(np.float32)
    skip = rng.normal(size=(n, channels[1], 2 * h, 2 * w)).astype(np.float32)
    model = decoder(*channels)
    expected = run(model, x, skip)
    assert fold_doublings(model) == 1
    onnx.checker.check_model(model, full_check=True)
    kinds = [node.op_type for node in model.graph.node]
    assert "Resize" not in kinds
    assert kinds.count("Conv") == 2
    np.testing.assert_allclose(run(model, x, skip), expected, atol=1e-5)


@pytest.mark.parametrize(
    "model",
    [
        decoder(8, 8, 4),  # so much skip makes it dearer
        decoder(8, 2, 4, dilations=[2, 2], pads=[2, 2, 2, 2]),
        decoder(8, 2, 4, kernel_shape=[1, 1], pads=[0, 0, 0, 0]),
    ],
    ids=["wide skip", "dilated", "1x1"],
)
def test_what_does_not_fit_is_left(model: onnx.ModelProto) -> None:
    before = model.SerializeToString(deterministic=True)
    assert fold_doublings(model) == 0
    assert model.SerializeToString(deterministic=True) == before
