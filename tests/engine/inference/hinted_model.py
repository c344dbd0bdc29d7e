"""A model of one rule that takes hints: their colours where they are, (10, -10) elsewhere."""

from __future__ import annotations

import dataclasses

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from colorize_batch.engine.inference.contract import (
    HINT_AB_NAME,
    HINT_MASK_NAME,
    INPUT_NAME,
    OUTPUT_NAME,
)
from tests.conftest import TINY_CONTRACT

ELSEWHERE = (10.0, -10.0)


def write_hinted_model(path):
    ab = np.array(ELSEWHERE, np.float32).reshape(1, 2, 1, 1)
    constants = [
        numpy_helper.from_array(ab, "elsewhere"),
        numpy_helper.from_array(np.float32(1), "one"),
        numpy_helper.from_array(np.float32(0), "zero"),
    ]
    nodes = [
        helper.make_node("Sub", ["one", HINT_MASK_NAME], ["free"]),
        helper.make_node("Mul", [INPUT_NAME, "zero"], ["nothing"]),
        helper.make_node("Add", ["free", "nothing"], ["weight"]),
        helper.make_node("Mul", ["weight", "elsewhere"], ["rest"]),
        helper.make_node("Add", ["rest", HINT_AB_NAME], [OUTPUT_NAME]),
    ]
    shapes = {INPUT_NAME: 1, HINT_AB_NAME: 2, HINT_MASK_NAME: 1}
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", channels, "h", "w"])
        for name, channels in shapes.items()
    ]
    output = helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, ["n", 2, "h", "w"])
    graph = helper.make_graph(nodes, "hinted", inputs, [output], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    contract = dataclasses.replace(TINY_CONTRACT, name="hinted", hints=1)
    helper.set_model_props(model, contract.to_metadata())
    onnx.save(model, path)
    return path
