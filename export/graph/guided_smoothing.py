"""Colours smoothed along lightness at the end of a model: calm surfaces, edges where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from ...engine.inference.contract import INPUT_NAME, OUTPUT_NAME
from ...errors import UsageError
from .plain_convolution import attributes_of

_PREFIX: Final = "guided_smoothing/"
_RAW: Final = _PREFIX + "raw"
_EPSILON_NAME: Final = _PREFIX + "epsilon"
# The filter is computed on every second pixel each way.
_STEP: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidedSmoothing:
    """The fast guided filter on a*, b*, with L* as the guide.

    Within each window colours become a linear function of lightness: where lightness is plain, colours
    become plain, and where it has an edge, they may have one. A network's clouds on a backdrop go, what
    it says of the scene stays. K. He and J. Sun, "Fast guided filter" (2015), after "Guided image
    filtering" (2010); variances are taken about the windows' moving means, which half precision holds.

    Parameters
    ----------
    radius
        Of the windows, 2 radius + 1 pixels wide, at half of the output's resolution.
    epsilon
        Variance of L* below which a window counts as plain.
    output_stride
        Input pixels a side of one pixel of the model's output, whose height and width must be even.

    Raises
    ------
    UsageError
        One of them is out of its range.
    """

    radius: int = 4
    epsilon: float = 16.0
    output_stride: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.radius <= 64:
            raise UsageError(f"guided smoothing: radius {self.radius}: expected 1 to 64")
        if not self.epsilon > 0:
            raise UsageError(f"guided smoothing: epsilon {self.epsilon} must be positive")
        if self.output_stride < 1:
            raise UsageError(
                f"guided smoothing: output_stride {self.output_stride} must be positive"
            )


def add_guided_smoothing(model: onnx.ModelProto, smoothing: GuidedSmoothing) -> None:
    """Let a model, under the contract and without a curve of chroma, end with the filter; in place."""
    graph = model.graph
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [_RAW if name == OUTPUT_NAME else name for name in names]
    constants: dict[str, NDArray[Any]] = {
        "epsilon": np.array(smoothing.epsilon, np.float32),
        "scales": np.array([1, 1, _STEP, _STEP], np.float32),
        "halves": np.array([2, 2], np.int64),
        "one_and_two": np.array([1, 2], np.int64),
    }
    for name, value in constants.items():
        graph.initializer.append(numpy_helper.from_array(value, _PREFIX + name))
    _append_filter(_Nodes(graph), smoothing)


def pop_guided_smoothing(model: onnx.ModelProto) -> GuidedSmoothing | None:
    """Take the filter away from a model without a curve of chroma, in place, and give it; None if there is none."""
    graph = model.graph
    constants = {w.name: w for w in graph.initializer if w.name.startswith(_PREFIX)}
    if not constants:
        return None
    epsilon = float(numpy_helper.to_array(constants[_EPSILON_NAME]))
    made = {node.name: node for node in graph.node if node.name.startswith(_PREFIX)}
    width = _kernel_width(made[_PREFIX + "means_across"])
    guide = made.get(_PREFIX + "guide")
    smoothing = GuidedSmoothing(
        radius=(width - 1) // 2,
        epsilon=epsilon,
        output_stride=_kernel_width(guide) if guide is not None else 1,
    )
    for weight in constants.values():
        graph.initializer.remove(weight)
    kept = [node for node in graph.node if not node.name.startswith(_PREFIX)]
    for node in kept:
        for names in (node.input, node.output):
            names[:] = [OUTPUT_NAME if name == _RAW else name for name in names]
    del graph.node[:]
    graph.node.extend(kept)
    described = [info for info in graph.value_info if not info.name.startswith(_PREFIX)]
    del graph.value_info[:]
    graph.value_info.extend(described)
    return smoothing


def _kernel_width(pool: onnx.NodeProto) -> int:
    kernel_shape = cast("list[int]", attributes_of(pool)["kernel_shape"])
    return kernel_shape[-1]


class _Nodes:
    """Appends nodes with names of their own to a graph."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph

    def add(self, kind: str, inputs: list[str], result: str, **options: Any) -> str:
        name = result if result == OUTPUT_NAME else _PREFIX + result
        node_name = _PREFIX + result
        self._graph.node.append(helper.make_node(kind, inputs, [name], node_name, **options))
        return name

    def split(self, plane: str, sizes: str, first: str, second: str) -> tuple[str, str]:
        names = [_PREFIX + first, _PREFIX + second]
        inputs = [plane, _PREFIX + sizes]
        self._graph.node.append(helper.make_node("Split", inputs, names, _PREFIX + first, axis=1))
        return names[0], names[1]

    def reduced(self, plane: str, step: int, result: str) -> str:
        size = [step, step]
        return self.add("AveragePool", [plane], result, kernel_shape=size, strides=size)

    def means(self, plane: str, radius: int, result: str) -> str:
        """Mean of the window about each pixel, first across, then down; cut off at the edges."""
        width = 2 * radius + 1
        across = self.add(
            "AveragePool",
            [plane],
            result + "_across",
            kernel_shape=[1, width],
            pads=[0, radius, 0, radius],
        )
        return self.add(
            "AveragePool", [across], result, kernel_shape=[width, 1], pads=[radius, 0, radius, 0]
        )


def _append_filter(nodes: _Nodes, smoothing: GuidedSmoothing) -> None:
    radius, guide = smoothing.radius, INPUT_NAME
    if smoothing.output_stride > 1:
        guide = nodes.reduced(INPUT_NAME, smoothing.output_stride, "guide")
    small = nodes.add(
        "Concat",
        [nodes.reduced(guide, _STEP, "small_guide"), nodes.reduced(_RAW, _STEP, "small_ab")],
        "small",
        axis=1,
    )
    means = nodes.means(small, radius, "means")
    mean_l, mean_ab = nodes.split(means, "one_and_two", "mean_l", "mean_ab")
    deviation = nodes.add("Sub", [small, means], "deviation")
    deviation_l, _ = nodes.split(deviation, "one_and_two", "deviation_l", "deviation_ab")
    # L* with itself and with a* and b*: one variance and two covariances.
    products = nodes.add("Mul", [deviation, deviation_l], "products")
    moments = nodes.means(products, radius, "moments")
    variance, covariance = nodes.split(moments, "one_and_two", "variance", "covariance")
    divisor = nodes.add("Add", [variance, _EPSILON_NAME], "divisor")
    slope = nodes.add("Div", [covariance, divisor], "slope")
    explained = nodes.add("Mul", [slope, mean_l], "explained")
    offset = nodes.add("Sub", [mean_ab, explained], "offset")
    line = nodes.add("Concat", [slope, offset], "line", axis=1)
    smooth = nodes.means(line, radius, "smooth_line")
    whole = nodes.add("Resize", [smooth, "", _PREFIX + "scales"], "whole_line", mode="linear")
    whole_slope, whole_offset = nodes.split(whole, "halves", "whole_slope", "whole_offset")
    followed = nodes.add("Mul", [whole_slope, guide], "followed")
    nodes.add("Add", [followed, whole_offset], OUTPUT_NAME)
