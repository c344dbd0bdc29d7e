"""An FP16 graph as a float32 one that rounds where FP16 would."""

from __future__ import annotations

from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_HALF: Final = TensorProto.FLOAT16
_FLOAT: Final = TensorProto.FLOAT


def rounded_twin(model: onnx.ModelProto) -> onnx.ModelProto:
    """Rewrite a strongly typed graph so that a CPU shows what FP16 does to its numbers.

    ONNX Runtime has few FP16 kernels for CPUs. It computes most nodes in float32 and drops the
    casts that it put between them, so a value beyond 65504 passes there and is infinite on a GPU.
    Here every FP16 tensor goes through FP16 by casts of the graph's own, which it must keep; sums
    within a node are float32, as in the accumulators of tensor cores.

    Parameters
    ----------
    model
        Of `fp16_from_onnx`; left as it is.

    Returns
    -------
    onnx.ModelProto
        In float32, with the same inputs and outputs.
    """
    typed = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    halves = {
        value.name
        for value in (*typed.graph.value_info, *typed.graph.output)
        if value.type.tensor_type.elem_type == _HALF
    }
    twin = onnx.ModelProto()
    twin.CopyFrom(model)
    graph = twin.graph
    graph.ClearField("node")
    graph.ClearField("value_info")
    for weight in graph.initializer:
        if weight.data_type == _HALF:
            widened = numpy_helper.to_array(weight).astype(np.float32)
            weight.CopyFrom(numpy_helper.from_array(widened, weight.name))
    for node in model.graph.node:
        rounded = [name for name in node.output if name in halves]
        placed = graph.node.add()
        placed.CopyFrom(node)
        if node.op_type == "Cast" and rounded:
            placed.attribute[0].CopyFrom(helper.make_attribute("to", _FLOAT))
        for index, name in enumerate(node.output):
            if name in halves:
                placed.output[index] = f"{name}.exact"
        for name in rounded:
            half = f"{name}.half"
            graph.node.extend(
                (
                    helper.make_node("Cast", [f"{name}.exact"], [half], to=_HALF),
                    helper.make_node("Cast", [half], [name], to=_FLOAT),
                )
            )
    return twin
