"""Weights that a rewriting has left without a user."""

from __future__ import annotations

import onnx


def drop_unused_weights(graph: onnx.GraphProto) -> None:
    """Remove the initializers that no node takes, in place."""
    used = {name for node in graph.node for name in node.input}
    for weights in [w for w in graph.initializer if w.name not in used]:
        graph.initializer.remove(weights)
