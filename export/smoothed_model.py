"""A model whose colours are smoothed along lightness."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import UsageError
from .graph.chroma_curve import add_chroma_curve, pop_chroma_curve
from .graph.guided_smoothing import GuidedSmoothing, add_guided_smoothing, pop_guided_smoothing
from .graph.read_model import read_model
from .graph.write_model import write_model
from .parity.onnx_on_cpu import ab_on_cpu


def smooth_model(source: Path, output: Path, smoothing: GuidedSmoothing | None) -> None:
    """Write a model that ends with a guided filter, in front of its curve of chroma if it has one.

    Parameters
    ----------
    source
        An ONNX file under the contract. A filter that it has already is replaced.
    output
        Replaced if it exists; may be `source`.
    smoothing
        The filter, with whatever `output_stride`; None takes it away.

    Raises
    ------
    ModelError, ContractError
        The source is no model, or not under the contract.
    UnwritableError
        The file cannot be written.
    UsageError
        The model's output is too coarse for its working sizes to halve it.
    """
    model, contract, _ = read_model(source)
    curve = pop_chroma_curve(model)
    pop_guided_smoothing(model)
    if smoothing is not None:
        height = contract.working_height or contract.working_multiple * 8
        width = contract.working_width or contract.working_multiple * 8
        gray = np.full((1, 1, height, width), 50, np.float32)
        (ab_planes,) = ab_on_cpu(model.SerializeToString(), [gray])
        stride = height // ab_planes.shape[2]
        smallest = contract.working_height or contract.working_multiple
        if smallest % (2 * stride):
            raise UsageError(
                f"{source}: colours at a {stride}th of working sizes that are multiples of {smallest}: "
                "expected an even number of them"
            )
        add_guided_smoothing(model, replace(smoothing, output_stride=stride))
    if curve is not None:
        add_chroma_curve(model, curve)
    write_model(model, output)
