"""Nodes of a graph in the place of others."""

from __future__ import annotations

from collections.abc import Sequence

import onnx


def replace_nodes(
    graph: onnx.GraphProto, outputs: Sequence[str], nodes: Sequence[onnx.NodeProto]
) -> None:
    """Put nodes where the one with the last of `outputs` stands, and drop those with any of them.

    Parameters
    ----------
    graph
        Changed in place.
    outputs
        First outputs of the nodes that go, each before the next in the graph.
    nodes
        What comes in their place.
    """
    place = next(i for i, node in enumerate(graph.node) if node.output[0] == outputs[-1])
    before = [node for node in graph.node[:place] if node.output[0] not in outputs]
    after = list(graph.node[place + 1 :])
    del graph.node[:]
    graph.node.extend([*before, *nodes, *after])
