"""Colour conversions as ONNX nodes, of operators that every opset since 13 has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ...kernels.reference.colorspace import EPSILON, OFFSET, SLOPE, WHITE_XYZ, XYZ_FROM_LINEAR


class NodeWriter:
    """Collects nodes and their constants under names that begin alike.

    Attributes
    ----------
    nodes, weights
        In the order they were added.
    """

    def __init__(self, prefix: str) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._prefix = prefix

    def node(
        self, operator: str, inputs: Sequence[str], *, output: str = "", **options: Any
    ) -> str:
        """Add a node, and return the name of its output."""
        name = output or f"{self._prefix}{operator.lower()}_{len(self.nodes)}"
        node_name = f"{self._prefix}{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(operator, list(inputs), [name], name=node_name, **options)
        )
        return name

    def constant(self, values: Any, dtype: Any = np.float32) -> str:
        """Add a constant, and return its name."""
        name = f"{self._prefix}constant_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def integers(self, values: Sequence[int]) -> str:
        """Add a constant of whole numbers."""
        return self.constant(values, np.int64)

    def per_channel(self, values: Sequence[float]) -> str:
        """Add a constant for each channel of (N, C, H, W)."""
        return self.constant(np.reshape(values, (1, -1, 1, 1)))

    def affine(self, value: str, scale: float, offset: float) -> str:
        """Multiply and add, as far as that changes anything."""
        if scale != 1:
            value = self.node("Mul", [value, self.constant(scale)])
        return self.node("Add", [value, self.constant(offset)]) if offset else value

    def clipped(self, value: str, low: float, high: float) -> str:
        """Limit values."""
        return self.node("Clip", [value, self.constant(low), self.constant(high)])

    def either(self, value: str, limit: float, below: str, above: str) -> str:
        """`below` where a value is at most a limit, else `above`."""
        is_above = self.node("Greater", [value, self.constant(limit)])
        return self.node("Where", [is_above, above, below])

    def power(self, value: str, exponent: float) -> str:
        """Raise to a power; values are not negative."""
        return self.node("Pow", [value, self.constant(exponent)])


def gray_of_l(writer: NodeWriter, l_plane: str) -> str:
    """SRGB gray value, 0..1, of L*, 0..100 (CIE 15; IEC 61966-2-1)."""
    bounded = writer.clipped(l_plane, 0, 100)
    f = writer.affine(bounded, 1 / 116, 16 / 116)
    dark = writer.affine(writer.affine(f, 1, -OFFSET), 1 / SLOPE, 0)
    luminance = writer.either(bounded, 8, dark, writer.power(f, 3))
    luminance = writer.clipped(luminance, 0, 1)
    linear = writer.affine(luminance, 12.92, 0)
    curved = writer.affine(writer.power(luminance, 1 / 2.4), 1.055, -0.055)
    return writer.either(luminance, 0.0031308, linear, curved)


def ab_of_rgb(writer: NodeWriter, rgb: str) -> str:
    """a*, b* of sRGB 0..1 (IEC 61966-2-1; CIE 15), white as the project has it."""
    code = writer.clipped(rgb, 0, 1)
    low = writer.affine(code, 1 / 12.92, 0)
    high = writer.power(writer.affine(code, 1 / 1.055, 0.055 / 1.055), 2.4)
    linear = writer.either(code, 0.04045, low, high)
    matrix = (XYZ_FROM_LINEAR / WHITE_XYZ[:, np.newaxis])[:, :, np.newaxis, np.newaxis]
    t = writer.clipped(writer.node("Conv", [linear, writer.constant(matrix)]), 0, 2)
    f = writer.either(
        t, float(EPSILON), writer.affine(t, float(SLOPE), float(OFFSET)), writer.power(t, 1 / 3)
    )
    differences = np.array([[500, -500, 0], [0, 200, -200]])[:, :, np.newaxis, np.newaxis]
    return writer.node("Conv", [f, writer.constant(differences)])
