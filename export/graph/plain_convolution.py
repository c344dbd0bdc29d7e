"""The convolution that decoders are made of, as ONNX writes it."""

from __future__ import annotations

from collections.abc import Mapping

import onnx
from onnx import helper


def is_plain_3x3(node: onnx.NodeProto, weights: Mapping[str, onnx.TensorProto]) -> bool:
    """Whether a node is a 3x3 convolution of one group, padded by 1, with a bias.

    Parameters
    ----------
    node
        Any node.
    weights
        The graph's initializers by name; weight and bias must be among them.
    """
    if node.op_type != "Conv" or len(node.input) != 3:
        return False
    if any(name not in weights for name in node.input[1:]):
        return False
    options = attributes_of(node)
    return (
        list(weights[node.input[1]].dims[2:]) == [3, 3]
        and options.get("pads") == [1, 1, 1, 1]
        and options.get("strides", [1, 1]) == [1, 1]
        and options.get("dilations", [1, 1]) == [1, 1]
        and options.get("group", 1) == 1
    )


def attributes_of(node: onnx.NodeProto) -> dict[str, object]:
    """A node's attributes by name."""
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}
