"""A curve of chroma at the end of a model: strong colours grow, faint ones do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from ...engine.inference.contract import OUTPUT_NAME
from ...errors import UsageError

_PREFIX: Final = "chroma_curve/"
_RAW: Final = _PREFIX + "raw"
# Past so many times `half` the curve goes on as a straight line: half precision must hold its square.
_MOST: Final = 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChromaCurve:
    """Chroma C to limit C^2 / (C^2 + half^2), hue kept.

    A network that minimises an error gives little chroma where it is unsure and more where it is
    sure. Multiplying all of it colours both; a curve that starts flat and then rises colours what
    the network is sure of. It is the function that K. I. Naka and W. A. H. Rushton, "S-potentials
    from colour units in the retina of fish" (1966), describe responses of the eye with; an exponent
    of 2 measured best (docs/lab/model-lite.md).

    Parameters
    ----------
    limit
        The chroma that strong colours tend to, ab units.
    half
        The chroma that becomes half of it, ab units.

    Raises
    ------
    UsageError
        One of them is not positive.
    """

    limit: float
    half: float

    def __post_init__(self) -> None:
        if not (self.limit > 0 and self.half > 0):
            raise UsageError(
                f"chroma curve: limit {self.limit} and half {self.half} must be positive"
            )

    def of(self, ab_planes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Apply it: (N, 2, h, w) a*, b*, as the model's nodes do."""
        scaled = ab_planes / np.float32(self.half)
        chroma = np.minimum(np.sqrt(np.sum(scaled**2, axis=1, keepdims=True)), _MOST)
        curved: NDArray[np.float32] = scaled * (np.float32(self.limit) * chroma / (1 + chroma**2))
        return curved


def add_chroma_curve(model: onnx.ModelProto, curve: ChromaCurve) -> None:
    """Let `model`, under the contract and without a curve, end with one; changes it in place."""
    graph = model.graph
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [_RAW if name == OUTPUT_NAME else name for name in names]
    constants = {"half": curve.half, "limit": curve.limit, "most": _MOST, "one": 1.0}
    for name, value in constants.items():
        graph.initializer.append(
            numpy_helper.from_array(np.array(value, np.float32), _PREFIX + name)
        )
    axes = np.array([1], np.int64)
    graph.initializer.append(numpy_helper.from_array(axes, _PREFIX + "axes"))
    steps = (
        ("Div", "raw", "half", "scaled"),
        ("ReduceL2", "scaled", "axes", "chroma"),
        ("Min", "chroma", "most", "bounded"),
        ("Mul", "bounded", "bounded", "square"),
        ("Add", "square", "one", "divisor"),
        ("Mul", "bounded", "limit", "rise"),
        ("Div", "rise", "divisor", "gain"),
    )
    for operator, first, second, result in steps:
        inputs = [_PREFIX + first, _PREFIX + second]
        name = _PREFIX + result
        graph.node.append(helper.make_node(operator, inputs, [name], name=name))
    last = [_PREFIX + "scaled", _PREFIX + "gain"]
    graph.node.append(helper.make_node("Mul", last, [OUTPUT_NAME], name=_PREFIX + "curved"))


def pop_chroma_curve(model: onnx.ModelProto) -> ChromaCurve | None:
    """Remove the curve from `model`, in place, and return it; None if there is none."""
    graph = model.graph
    constants = {w.name: w for w in graph.initializer if w.name.startswith(_PREFIX)}
    if not constants:
        return None
    limit, half = (
        float(numpy_helper.to_array(constants[_PREFIX + name])) for name in ("limit", "half")
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
    return ChromaCurve(limit=limit, half=half)
