"""Weights kept in half precision: half of a file's bytes, and computed with in float32 as before."""

from __future__ import annotations

from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_SUFFIX: Final = "/half"
# Smaller ones save nothing worth a node.
_FEWEST: Final = 256


def halve_weights(model: onnx.ModelProto) -> None:
    """Store large weights in half precision, in place.

    A cast stands before each, which runtimes carry out once, when they load the model. Half precision
    keeps 11 bits of a number, so colours change by far less than what 8 bit can hold.
    """
    graph = model.graph
    casts = []
    for weight in graph.initializer:
        half = _in_half(weight)
        if half is None:
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(half, name + _SUFFIX))
        casts.append(
            helper.make_node("Cast", [weight.name], [name], name=name, to=TensorProto.FLOAT)
        )
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def widen_weights(model: onnx.ModelProto) -> None:
    """Undo `halve_weights`, in place, but for the rounding."""
    graph = model.graph
    weights = {w.name: w for w in graph.initializer}
    kept = []
    for node in graph.node:
        half = weights.get(node.output[0] + _SUFFIX)
        if half is None:
            kept.append(node)
            continue
        wide = numpy_helper.to_array(half).astype(np.float32)
        half.CopyFrom(numpy_helper.from_array(wide, node.output[0]))
    del graph.node[:]
    graph.node.extend(kept)


def _in_half(weight: onnx.TensorProto) -> NDArray[np.float16] | None:
    """Rounded to half precision; None where that saves nothing or is out of its range."""
    if weight.data_type != TensorProto.FLOAT:
        return None
    values = numpy_helper.to_array(weight)
    if values.size < _FEWEST or np.abs(values).max() > np.finfo(np.float16).max:
        return None
    return values.astype(np.float16)
