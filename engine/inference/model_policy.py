"""What a model file may contain, found out before any runtime parses it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ...errors import ModelError

MAX_NODES: Final = 50_000
MAX_TENSORS: Final = 100_000
MAX_ELEMENTS: Final = 1 << 31
MAX_DEPTH: Final = 16
DOMAINS: Final = frozenset(
    {"", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc"}
)  # fmt: skip

# Field numbers of onnx.proto (ONNX 1.20); only what leads to nodes and tensors.
_GRAPH, _FUNCTION = 7, 25  # ModelProto
_NODE, _INITIALIZER, _SPARSE_INITIALIZER = 1, 5, 15  # GraphProto
_FUNCTION_NODE = 7  # FunctionProto
_OPERATOR, _ATTRIBUTE, _DOMAIN = 4, 5, 7  # NodeProto
_TENSOR_OF, _GRAPH_OF, _TENSORS_OF, _GRAPHS_OF = 5, 6, 10, 11  # AttributeProto
_SPARSE_OF, _SPARSES_OF = 22, 23
_SPARSE_VALUES, _SPARSE_INDICES = 1, 2  # SparseTensorProto
_DIMS, _EXTERNAL_DATA, _DATA_LOCATION = 1, 13, 14  # TensorProto

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types
_Field = tuple[int, int, int | memoryview]


def check_model_file(path: Path) -> None:
    """Refuse an ONNX file that reaches outside itself, or is too large to be meant.

    A model file is data from outside. Weights in other files could be any file of this machine, an
    operator of another domain any library.

    Raises
    ------
    ModelError
        No ONNX file, weights in other files, operators of an unknown domain, or over a bound.
    """
    try:
        _Check(path).model(memoryview(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: not a usable ONNX model: {error}") from error


class _Check:
    """Walks through a file's messages and counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._nodes = self._tensors = 0

    def model(self, message: memoryview) -> None:
        if not message:
            raise ValueError("it is empty")
        for number, wire, value in _fields(message):
            if number == _GRAPH and wire == _BYTES:
                self._graph(value, 0)
            elif number == _FUNCTION and wire == _BYTES:
                for inner, _, node in _fields(value):
                    if inner == _FUNCTION_NODE:
                        self._node(node, 0)

    def _graph(self, message: int | memoryview, depth: int) -> None:
        self._require(depth <= MAX_DEPTH, f"graphs within graphs, over {MAX_DEPTH} deep")
        for number, _, value in _fields(message):
            if number == _NODE:
                self._node(value, depth)
            elif number == _INITIALIZER:
                self._tensor(value)
            elif number == _SPARSE_INITIALIZER:
                self._sparse(value)

    def _node(self, message: int | memoryview, depth: int) -> None:
        self._nodes += 1
        self._require(self._nodes <= MAX_NODES, f"over {MAX_NODES} nodes")
        operator = ""
        for number, _, value in _fields(message):
            if number == _OPERATOR:
                operator = _text(value)
            elif number == _DOMAIN:
                self._require(
                    _text(value) in DOMAINS,
                    f"the operator {operator or '?'} of the domain {_text(value)!r}",
                )
            elif number == _ATTRIBUTE:
                self._attribute(value, depth)

    def _attribute(self, message: int | memoryview, depth: int) -> None:
        for number, wire, value in _fields(message):
            if wire != _BYTES:
                continue
            if number in (_TENSOR_OF, _TENSORS_OF):
                self._tensor(value)
            elif number in (_GRAPH_OF, _GRAPHS_OF):
                self._graph(value, depth + 1)
            elif number in (_SPARSE_OF, _SPARSES_OF):
                self._sparse(value)

    def _sparse(self, message: int | memoryview) -> None:
        for number, _, value in _fields(message):
            if number in (_SPARSE_VALUES, _SPARSE_INDICES):
                self._tensor(value)

    def _tensor(self, message: int | memoryview) -> None:
        self._tensors += 1
        self._require(self._tensors <= MAX_TENSORS, f"over {MAX_TENSORS} tensors")
        dims: list[int] = []
        for number, _, value in _fields(message):
            if number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value):
                self._require(False, "weights in other files; export it as one file")
            elif number == _DIMS:
                dims += [value] if isinstance(value, int) else _varints(value)
        self._require(math.prod(dims) <= MAX_ELEMENTS, f"a tensor of {dims} elements")

    def _require(self, condition: bool, found: str) -> None:
        if not condition:
            raise ModelError(f"{self._path}: refused, for it has {found}")


def _fields(message: int | memoryview) -> Iterator[_Field]:
    """(field number, wire type, value) of a protobuf message; raises ValueError where it is none."""
    if isinstance(message, int):
        raise ValueError("a number in the place of a message")  # noqa: TRY004  # malformed input
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        wire = key & 7
        if wire == _VARINT:
            number, at = _varint(message, at)
            yield key >> 3, wire, number
            continue
        size = {_FIXED64: 8, _FIXED32: 4}.get(wire)
        if size is None:
            if wire != _BYTES:
                raise ValueError("no protobuf message")
            size, at = _varint(message, at)
        if size > end - at:
            raise ValueError("it ends too early")
        yield key >> 3, wire, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        if at >= len(message) or shift > 63:
            raise ValueError("no protobuf message")
        byte = message[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7


def _varints(packed: memoryview) -> list[int]:
    numbers, at = [], 0
    while at < len(packed):
        number, at = _varint(packed, at)
        numbers.append(number)
    return numbers


def _text(value: int | memoryview) -> str:
    return "?" if isinstance(value, int) else bytes(value[:80]).decode("utf-8", "backslashreplace")
