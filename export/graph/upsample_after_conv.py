"""Decoder steps computed before their plane is doubled: the same numbers, fewer multiplications."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper, shape_inference

from .plain_convolution import attributes_of, is_plain_3x3
from .replaced_nodes import replace_nodes
from .unused_weights import drop_unused_weights

# Reshape's 0 keeps a dimension, its -1 takes what is left.
_KEEP, _REST = 0, -1
_TO_LAST, _TO_FIRST = [0, 2, 3, 1], [0, 3, 1, 2]  # the channels
_TO_THE_END = 2**31 - 1


def fold_doublings(model: onnx.ModelProto) -> int:
    """Rewrite every `Relu(Conv3x3(Concat(nearest doubling of x, skip)))` that gets cheaper so.

    A doubled plane repeats each value, so the taps of a 3x3 kernel that fall on the same value can
    be added up beforehand: each of the four outputs of a doubled cell sees 2x2 cells of `x`. Of
    the skip, which has the doubled size, it sees the pixels of the same 2x2 cells; they are laid
    side by side as channels. Four kernels of 2x2 do the work of one of 3x3 at four times the
    pixels. The outputs of a row of cells are adjacent in channels-last order, which is why the
    planes are transposed: a runtime that computes in that order, as ONNX Runtime does in 8 bit,
    drops the transpositions and copies whole rows.

    Parameters
    ----------
    model
        Changed in place; its weights must be initializers.

    Returns
    -------
    int
        How many were rewritten.
    """
    graph = shape_inference.infer_shapes(model).graph
    channels = {
        value.name: value.type.tensor_type.shape.dim[1].dim_value
        for value in (*graph.input, *graph.value_info)
        if len(value.type.tensor_type.shape.dim) == 4
    }
    found = [step for step in _steps(model.graph, channels) if step.is_cheaper]
    for step in found:
        _rewrite(model.graph, step)
    drop_unused_weights(model.graph)
    return len(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """The four nodes of a step, from the plane `x` and the skip to the output of `relu`."""

    doubling: onnx.NodeProto
    concat: onnx.NodeProto
    conv: onnx.NodeProto
    relu: onnx.NodeProto
    weight: NDArray[np.float32]  # (out, x channels + skip channels, 3, 3)
    bias: NDArray[np.float32]  # (out,)
    x_channels: int

    @property
    def skip_channels(self) -> int:
        return int(self.weight.shape[1]) - self.x_channels

    @property
    def is_cheaper(self) -> bool:
        each_output = 9 * (self.x_channels + self.skip_channels)
        return 4 * self.x_channels + 16 * self.skip_channels < each_output


def _steps(graph: onnx.GraphProto, channels: dict[str, int]) -> Iterator[_Step]:
    maker = {name: node for node in graph.node for name in node.output}
    users: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    weights = {w.name: w for w in graph.initializer}

    def only_user(node: onnx.NodeProto, kind: str) -> onnx.NodeProto | None:
        after = users.get(node.output[0], [])
        return after[0] if len(after) == 1 and after[0].op_type == kind else None

    for concat in graph.node:
        if concat.op_type != "Concat" or len(concat.input) != 2:
            continue
        doubling = maker.get(concat.input[0])
        conv = only_user(concat, "Conv")
        relu = conv and only_user(conv, "Relu")
        if doubling is None or conv is None or relu is None:
            continue
        if not _doubles(doubling, weights) or not is_plain_3x3(conv, weights):
            continue
        yield _Step(
            doubling=doubling,
            concat=concat,
            conv=conv,
            relu=relu,
            weight=numpy_helper.to_array(weights[conv.input[1]]),
            bias=numpy_helper.to_array(weights[conv.input[2]]),
            x_channels=channels[doubling.input[0]],
        )


def _doubles(node: onnx.NodeProto, weights: dict[str, onnx.TensorProto]) -> bool:
    if node.op_type != "Resize" or len(node.input) != 3 or node.input[2] not in weights:
        return False
    options = attributes_of(node)
    scales = numpy_helper.to_array(weights[node.input[2]])
    return scales.tolist() == [1, 1, 2, 2] and options.get("mode", b"nearest") == b"nearest"


def _rewrite(graph: onnx.GraphProto, step: _Step) -> None:
    prefix = step.conv.output[0] + "/"
    nodes: list[onnx.NodeProto] = []
    out_channels, skip_channels = step.weight.shape[0], step.skip_channels

    def constant(name: str, values: object, dtype: type = np.int64) -> str:
        tensor = numpy_helper.from_array(np.asarray(values, dtype), prefix + name)
        graph.initializer.append(tensor)
        return tensor.name

    def add(kind: str, inputs: list[str], output: str, **options: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **options))
        return output

    def cut(plane: str, axis: int, start: int, stop: int, stride: int, output: str) -> str:
        bounds = (("start", start), ("stop", stop), ("axis", axis), ("stride", stride))
        names = [constant(f"{output}_{name}", [value]) for name, value in bounds]
        return add("Slice", [plane, *names], prefix + output)

    x = add("Transpose", [step.doubling.input[0]], prefix + "x", perm=_TO_LAST)
    skip = add("Transpose", [step.concat.input[1]], prefix + "skip", perm=_TO_LAST)
    pairs = constant("pairs_shape", [_KEEP, _KEEP, _REST, 2 * skip_channels])
    skip_pairs = add("Reshape", [skip, pairs], prefix + "skip_pairs")
    skip_rows = [cut(skip_pairs, 1, row, _TO_THE_END, 2, f"skip_row{row}") for row in (0, 1)]
    cells = add("Concat", [x, *skip_rows], prefix + "cells_last", axis=3)
    cells = add("Transpose", [cells], prefix + "cells", perm=_TO_FIRST)

    output_rows: list[str] = []
    for row, kernel in enumerate(_row_kernels(step.weight, step.x_channels)):
        weight = constant(f"weight{row}", kernel, np.float32)
        bias = constant(f"bias{row}", np.tile(step.bias, 2), np.float32)
        # Columns are padded on both sides: there is one output more than there are cells.
        conv = add(
            "Conv",
            [cells, weight, bias],
            f"{prefix}conv{row}",
            kernel_shape=[2, 2],
            pads=[1 - row, 1, row, 1],
        )
        relu = add("Relu", [conv], f"{prefix}relu{row}")
        last = add("Transpose", [relu], f"{prefix}last{row}", perm=_TO_LAST)
        single = constant(f"single{row}", [_KEEP, _KEEP, _REST, out_channels])
        columns = add("Reshape", [last, single], f"{prefix}columns{row}")
        # The right output of the cell before the first, the left one of the cell after the last.
        output_rows.append(cut(columns, 2, 1, -1, 1, f"row{row}"))
    row_pairs = add("Concat", output_rows, prefix + "row_pairs", axis=2)
    size = add("Shape", [skip], prefix + "size", start=0, end=3)
    shape = add("Concat", [size, constant("channels", [out_channels])], prefix + "shape", axis=0)
    whole = add("Reshape", [row_pairs, shape], prefix + "whole")
    add("Transpose", [whole], step.relu.output[0], perm=_TO_FIRST)

    replaced = [node.output[0] for node in (step.doubling, step.concat, step.conv, step.relu)]
    replace_nodes(graph, replaced, nodes)


def _row_kernels(weight: NDArray[np.float32], x_channels: int) -> list[NDArray[np.float32]]:
    """The kernels of the upper and of the lower outputs: (2 out, x + 4 skip, 2, 2) each.

    The first half of the outputs are right ones, whose cell is the first that the kernel sees; the
    second half are left ones, whose cell is the second.
    """
    out_channels, in_channels = weight.shape[:2]
    skip_channels = in_channels - x_channels
    kernels = []
    for row in (0, 1):
        kernel = np.zeros((2 * out_channels, x_channels + 4 * skip_channels, 2, 2), np.float32)
        for half, column in enumerate((1, 0)):
            outputs = kernel[half * out_channels : (half + 1) * out_channels]
            for dy in (-1, 0, 1):
                cell_y, pixel_y = divmod(row + dy, 2)
                for dx in (-1, 0, 1):
                    cell_x, pixel_x = divmod(column + dx, 2)
                    tap = weight[:, :, dy + 1, dx + 1]
                    at = outputs[:, :, cell_y + 1 - row, cell_x + 1 - column]
                    at[:, :x_channels] += tap[:, :x_channels]
                    first = x_channels + (2 * pixel_y + pixel_x) * skip_channels
                    at[:, first : first + skip_channels] += tap[:, x_channels:]
        kernels.append(kernel)
    return kernels
