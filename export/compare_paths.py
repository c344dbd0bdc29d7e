"""Every path through a model on the same pictures, beside the first of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from .parity.color_difference import ColorDifference, ParityBounds
from .parity.onnx_on_cpu import ab_on_cpu
from .parity.parity_pictures import ParityPicture
from .tensorrt.engine_from_onnx import ab_of_engine
from .tensorrt.mixed_precision import mixed_precision, rounded_ab

Prediction = Callable[[NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPath:
    """A way to run a model.

    Parameters
    ----------
    name
        For people.
    difference
        From the first path.
    """

    name: str
    difference: ColorDifference


def compare_paths(
    model: onnx.ModelProto,
    pictures: Sequence[ParityPicture],
    bounds: ParityBounds,
    *,
    torch_network: Prediction | None = None,
    engine_path: Path | None = None,
    gpu: int = 0,
) -> list[ComparedPath]:
    """Run all paths that there are.

    Parameters
    ----------
    model
        In float32.
    pictures
        To compare on.
    bounds
        That FP16 is fitted into.
    torch_network
        What the model was exported from, (1, 1, H, W) L* to (1, 2, h, w) ab; then it is the first
        path, else ONNX Runtime in float32 is.
    engine_path
        An engine of the model, run on the GPU of number `gpu`.

    Returns
    -------
    list of ComparedPath
        All but the first.

    Raises
    ------
    BackendError, MissingDependencyError
        The engine was named and the GPU, or TensorRT, is not there.
    ModelError
        A path gave another shape, or did not load.
    """
    l_batches = [picture.l_batch for picture in pictures]
    found = {"ONNX Runtime, float32": ab_on_cpu(model.SerializeToString(), l_batches)}
    if torch_network is not None:
        found = {"PyTorch, float32": [torch_network(l_batch) for l_batch in l_batches], **found}
    mixed = mixed_precision(model, pictures, bounds)
    kept = f"{mixed.nodes - len(mixed.kept)} of {mixed.nodes} layers"
    found[f"FP16 as it rounds, {kept}"] = rounded_ab(mixed.model, l_batches)
    found["FP16, ONNX Runtime"] = ab_on_cpu(mixed.model.SerializeToString(), l_batches)
    if engine_path is not None:
        found[f"TensorRT, cuda:{gpu}"] = ab_of_engine(engine_path, l_batches, gpu)
    (_, expected), *others = found.items()
    return [
        ComparedPath(
            name=name, difference=ColorDifference.of_pictures(pictures, expected, ab_batches)
        )
        for name, ab_batches in others
    ]
