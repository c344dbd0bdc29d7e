"""Small graphs under the contract, of nodes and weights that a test names."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from colorize_batch.engine.inference.contract import INPUT_NAME, OUTPUT_NAME, ModelContract
from tests.conftest import TINY_CONTRACT


def model_of(
    nodes: list[onnx.NodeProto],
    weights: dict[str, object] | None = None,
    contract: ModelContract = TINY_CONTRACT,
) -> onnx.ModelProto:
    """A checked model: `l_plane` (n, 1, h, w) to `ab_planes` (n, 2, ...)."""
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info(INPUT_NAME, TensorProto.FLOAT, ["n", 1, "h", "w"])],
        [helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, ["n", 2, "h2", "w2"])],
        [
            numpy_helper.from_array(np.asarray(value), name)
            for name, value in (weights or {}).items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    helper.set_model_props(model, contract.to_metadata())
    onnx.checker.check_model(model, full_check=True)
    return model


def linear_model(weight: tuple[float, float], bias: tuple[float, float]) -> onnx.ModelProto:
    """Computes a* and b* as `weight` times L* plus `bias`."""
    weights = {
        "weight": np.array(weight, np.float32).reshape(2, 1, 1, 1),
        "bias": np.array(bias, np.float32),
    }
    head = helper.make_node("Conv", [INPUT_NAME, "weight", "bias"], [OUTPUT_NAME], name="head")
    return model_of([head], weights)


def overflowing_model() -> onnx.ModelProto:
    """Computes a* = b* = L* / 2 by way of numbers up to 9 million, between its nodes 3 and 4 of 6."""
    kernel = np.array([0.25, 0.25], np.float32).reshape(2, 1, 1, 1)
    return model_of(
        [
            helper.make_node("Relu", [INPUT_NAME], ["first"]),
            helper.make_node("Mul", ["first", "large"], ["large_1"]),
            helper.make_node("Mul", ["large_1", "large"], ["large_2"]),
            helper.make_node("Div", ["large_2", "square"], ["small"]),
            helper.make_node("Conv", ["small", "kernel"], ["quarter"]),
            helper.make_node("Add", ["quarter", "quarter"], [OUTPUT_NAME]),
        ],
        {"large": np.float32(300), "square": np.float32(90000), "kernel": kernel},
    )
