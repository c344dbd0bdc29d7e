"""A float32 graph as a strongly typed one: FP16 but for the nodes that are named."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ...errors import ModelError

FLOAT: Final = TensorProto.FLOAT
FLOAT16: Final = TensorProto.FLOAT16
# They read a shape and never a number: either type will do.
SHAPE_READERS: Final = frozenset({"Shape", "Size"})
# Attributes that fix the type of what a node gives.
_TYPE_ATTRIBUTES: Final = frozenset({"to", "dtype"})


def fp16_from_onnx(model: onnx.ModelProto, kept: Collection[str] = ()) -> onnx.ModelProto:
    """Give every tensor its type for good; casts stand where types meet.

    TensorRT builds a strongly typed network as it is written, so this alone says what runs in
    FP16. Operators whose definition knows no FP16, or not for an input (the scales of Resize), stay
    as they are. The graph's inputs and outputs remain float32.

    Parameters
    ----------
    model
        In float32; left as it is.
    kept
        Nodes that stay in float32, named as `fp16_nodes` names them.

    Returns
    -------
    onnx.ModelProto
        Checked by `onnx.checker`; a new model.

    Raises
    ------
    ModelError
        The graph has control flow, or its types cannot be inferred.
    """
    typed = _inferred(model)
    definitions = _Definitions(typed)
    graph = _TypedGraph(typed.graph, definitions.floats)
    for node in typed.graph.node:
        if node.output[0] not in kept and definitions.know_fp16(node):
            graph.add(node, definitions.fp16_inputs(node), in_fp16=True)
        else:
            graph.add(node, frozenset(), in_fp16=False)
    converted = onnx.ModelProto()
    converted.CopyFrom(model)
    graph.replace(converted.graph)
    onnx.checker.check_model(converted, full_check=True)
    return converted


def fp16_nodes(model: onnx.ModelProto) -> list[str]:
    """Name the nodes that FP16 can change, in the order of the graph.

    Parameters
    ----------
    model
        In float32.

    Returns
    -------
    list of str
        Of each node the name of its first output, which no other node bears.

    Raises
    ------
    ModelError
        As `fp16_from_onnx`.
    """
    typed = _inferred(model)
    definitions = _Definitions(typed)
    return [node.output[0] for node in typed.graph.node if definitions.know_fp16(node)]


def _inferred(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with the type of every value."""
    try:
        typed = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    except onnx.shape_inference.InferenceError as error:
        raise ModelError(
            f"export: expected a graph of known types, got: {error}; build with --precision fp32"
        ) from error
    for node in typed.graph.node:
        if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
            raise ModelError(
                f"export: expected a graph without control flow, got {node.op_type}; "
                "build with --precision fp32"
            )
    return typed


class _Definitions:
    """Which nodes, and which of their inputs, may be FP16 by the operators' definitions."""

    def __init__(self, typed: onnx.ModelProto) -> None:
        self._versions = {entry.domain: entry.version for entry in typed.opset_import}
        graph = typed.graph
        described = (*graph.input, *graph.output, *graph.value_info)
        self.floats = frozenset(
            value.name for value in described if value.type.tensor_type.elem_type == FLOAT
        ) | frozenset(tensor.name for tensor in graph.initializer if tensor.data_type == FLOAT)

    def know_fp16(self, node: onnx.NodeProto) -> bool:
        """Whether the node computes with floats, and may do so in FP16."""
        if node.op_type in SHAPE_READERS or not self.fp16_inputs(node):
            return False
        if any(a.name in _TYPE_ATTRIBUTES and a.i == FLOAT for a in node.attribute):
            return False
        outputs = self._schema(node).outputs
        return all(
            _takes_fp16(outputs, index)
            for index, name in enumerate(node.output)
            if name in self.floats
        )

    def fp16_inputs(self, node: onnx.NodeProto) -> frozenset[int]:
        """The positions of float inputs that take FP16; none of an operator that is not ONNX's."""
        if not onnx.defs.has(node.op_type, self._versions.get(node.domain, 1), node.domain):
            return frozenset()
        inputs = self._schema(node).inputs
        return frozenset(
            index
            for index, name in enumerate(node.input)
            if name in self.floats and _takes_fp16(inputs, index)
        )

    def _schema(self, node: onnx.NodeProto) -> onnx.defs.OpSchema:
        return onnx.defs.get_schema(node.op_type, self._versions[node.domain], node.domain)


class _TypedGraph:
    """Nodes with casts where types meet; the FP16 form of a value `v` is called `v.fp16`."""

    def __init__(self, source: onnx.GraphProto, floats: frozenset[str]) -> None:
        self._floats = floats
        self._outputs = [value.name for value in source.output]
        self._weights = {tensor.name: tensor for tensor in source.initializer}
        self._nodes: list[onnx.NodeProto] = []
        # Values that exist in FP16, and those of them that exist in float32 only by a cast back.
        self._halves: set[str] = set()
        self._uncast: set[str] = set()

    def add(self, node: onnx.NodeProto, fp16_inputs: frozenset[int], *, in_fp16: bool) -> None:
        """Append a node, with the casts that bring its inputs into the types that it takes."""
        placed = onnx.NodeProto()
        placed.CopyFrom(node)
        for index, name in enumerate(node.input):
            reads_shape = node.op_type in SHAPE_READERS and name in self._halves
            as_fp16 = index in fp16_inputs or reads_shape
            placed.input[index] = self._in_fp16(name) if as_fp16 else self._in_float(name)
        for index, name in enumerate(node.output):
            if in_fp16 and name in self._floats:
                placed.output[index] = _half(name)
                self._halves.add(name)
                self._uncast.add(name)
        self._nodes.append(placed)

    def replace(self, graph: onnx.GraphProto) -> None:
        """Put the nodes, and the weights that they use, in place of a graph's own."""
        for name in self._outputs:
            self._in_float(name)
        used = {name for node in self._nodes for name in node.input} | set(self._outputs)
        weights = [weight for name, weight in self._weights.items() if name in used]
        for field, entries in (("node", self._nodes), ("initializer", weights)):
            graph.ClearField(field)
            getattr(graph, field).extend(entries)
        graph.ClearField("value_info")

    def _in_fp16(self, name: str) -> str:
        if name not in self._halves:
            self._halves.add(name)
            if name in self._weights:
                self._weights[_half(name)] = _halved(self._weights[name])
            else:
                self._nodes.append(_cast(name, _half(name), FLOAT16))
        return _half(name)

    def _in_float(self, name: str) -> str:
        if name in self._uncast:
            self._uncast.discard(name)
            self._nodes.append(_cast(_half(name), name, FLOAT))
        return name


def _takes_fp16(parameters: Sequence[onnx.defs.OpSchema.FormalParameter], index: int) -> bool:
    """Whether the definition lets an input be FP16; inputs past the last belong to the last."""
    return "tensor(float16)" in parameters[min(index, len(parameters) - 1)].types


def _half(name: str) -> str:
    return f"{name}.fp16"


def _halved(weight: onnx.TensorProto) -> onnx.TensorProto:
    """Rounded; what is out of range becomes infinite, for the parity gate to find."""
    with np.errstate(over="ignore", under="ignore"):
        rounded = numpy_helper.to_array(weight).astype(np.float16)
    return numpy_helper.from_array(rounded, _half(weight.name))


def _cast(source: str, target: str, to: int) -> onnx.NodeProto:
    return helper.make_node("Cast", [source], [target], name=f"cast to {target}", to=to)
