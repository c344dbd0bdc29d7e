"""A model that takes hints as one that takes none."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ...engine.inference.contract import HINT_AB_NAME, HINT_MASK_NAME, INPUT_NAME


def drop_hints(model: onnx.ModelProto) -> None:
    """Compute "no hint anywhere" inside the graph in place of its hint inputs.

    Parameters
    ----------
    model
        Changed in place; its contract is not.
    """
    graph = model.graph
    kept = [each for each in graph.input if each.name not in {HINT_AB_NAME, HINT_MASK_NAME}]
    if len(kept) == len(graph.input):
        return
    del graph.input[:]
    graph.input.extend(kept)
    nothing = numpy_helper.from_array(np.zeros((), np.float32), "no_hint")
    graph.initializer.append(nothing)
    nodes = [
        helper.make_node("Mul", [INPUT_NAME, nothing.name], [HINT_MASK_NAME], name="no mask"),
        helper.make_node("Concat", [HINT_MASK_NAME] * 2, [HINT_AB_NAME], name="no colours", axis=1),
        *graph.node,
    ]
    del graph.node[:]
    graph.node.extend(nodes)
