"""A model's last convolutions on four pixels at a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ...engine.inference.contract import OUTPUT_NAME
from .plain_convolution import is_plain_3x3
from .replaced_nodes import replace_nodes
from .unused_weights import drop_unused_weights

_SIDE = 2  # of the square of pixels that are computed together


def fold_heads(model: onnx.ModelProto) -> int:
    """Rewrite each last 3x3 convolution to two channels as a 4x4 one to eight, of stride 2.

    Processors compute 16 channels at a time, of which two are a waste. The eight are the outputs of
    a square of pixels, which `DepthToSpace` lays out. Height and width must be even, as the
    contract's working shapes are. An ensemble has as many as it has members.

    Parameters
    ----------
    model
        Changed in place; its weights must be initializers.

    Returns
    -------
    int
        How many were rewritten.
    """
    weights = {w.name: w for w in model.graph.initializer}
    heads = [node for node in last_convolutions(model.graph) if is_plain_3x3(node, weights)]
    for head in heads:
        _fold(model.graph, head, weights)
    if heads:
        drop_unused_weights(model.graph)
    return len(heads)


def last_convolutions(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Find what gives the colours: a convolution, or those that a mean is taken of."""
    maker = {name: node for node in graph.node for name in node.output}
    found = []
    behind = [OUTPUT_NAME]
    while behind:
        node = maker.get(behind.pop())
        if node is None:
            continue
        if node.op_type == "Conv":
            found.append(node)
        elif node.op_type == "Mean":
            behind.extend(dict.fromkeys(node.input))
        elif node.op_type == "DepthToSpace":
            behind.append(node.input[0])
    return found


def _fold(
    graph: onnx.GraphProto, head: onnx.NodeProto, weights: Mapping[str, onnx.TensorProto]
) -> None:
    output = head.output[0]
    weight = numpy_helper.to_array(weights[head.input[1]])
    channels, in_channels = weight.shape[:2]
    kernel = np.zeros((_SIDE * _SIDE, channels, in_channels, 4, 4), np.float32)
    for row in range(_SIDE):
        for column in range(_SIDE):
            kernel[_SIDE * row + column, :, :, row : row + 3, column : column + 3] = weight
    bias = np.tile(numpy_helper.to_array(weights[head.input[2]]), _SIDE * _SIDE)
    squares, kernel_name, bias_name = (f"{output}/{name}" for name in ("squares", "weight", "bias"))
    graph.initializer.append(
        numpy_helper.from_array(kernel.reshape(-1, in_channels, 4, 4), kernel_name)
    )
    graph.initializer.append(numpy_helper.from_array(bias, bias_name))
    nodes = [
        helper.make_node(
            "Conv",
            [head.input[0], kernel_name, bias_name],
            [squares],
            name=squares,
            kernel_shape=[4, 4],
            strides=[_SIDE, _SIDE],
            pads=[1, 1, 1, 1],
        ),
        helper.make_node(
            "DepthToSpace", [squares], [output], name=output, blocksize=_SIDE, mode="DCR"
        ),
    ]
    replace_nodes(graph, [output], nodes)
