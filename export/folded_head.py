"""A model's last convolution on four pixels at a time."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ..engine.contract import OUTPUT_NAME
from .plain_convolution import is_plain_3x3

_SIDE = 2  # of the square of pixels that are computed together


def fold_head(model: onnx.ModelProto) -> bool:
    """Rewrite a last 3x3 convolution to two channels as a 4x4 one to eight, of stride 2.

    Processors compute 16 channels at a time, of which two are a waste. The eight are the outputs of
    a square of pixels, which `DepthToSpace` lays out. Height and width must be even, as the
    contract's working shapes are.

    Parameters
    ----------
    model
        Changed in place; its weights must be initializers.

    Returns
    -------
    bool
        Whether the model ends so.
    """
    graph = model.graph
    last = next(i for i, node in enumerate(graph.node) if OUTPUT_NAME in node.output)
    head = graph.node[last]
    weights = {w.name: w for w in graph.initializer}
    if not is_plain_3x3(head, weights):
        return False
    weight = numpy_helper.to_array(weights[head.input[1]])
    channels, in_channels = weight.shape[:2]
    kernel = np.zeros((_SIDE * _SIDE, channels, in_channels, 4, 4), np.float32)
    for row in range(_SIDE):
        for column in range(_SIDE):
            kernel[_SIDE * row + column, :, :, row : row + 3, column : column + 3] = weight
    bias = np.tile(numpy_helper.to_array(weights[head.input[2]]), _SIDE * _SIDE)
    squares, kernel_name, bias_name = (
        f"{OUTPUT_NAME}/{name}" for name in ("squares", "weight", "bias")
    )
    for old in head.input[1:]:
        graph.initializer.remove(weights[old])
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
            "DepthToSpace", [squares], [OUTPUT_NAME], name=OUTPUT_NAME, blocksize=_SIDE, mode="DCR"
        ),
    ]
    kept = [*graph.node[:last], *nodes, *graph.node[last + 1 :]]
    del graph.node[:]
    graph.node.extend(kept)
    return True
