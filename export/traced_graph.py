"""A network as a bare ONNX graph."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

import onnx
import torch
from torch import nn

from ..engine.inference.contract import INPUT_NAME, OUTPUT_NAME

OPSET: Final = 20
MAX_BATCH: Final = 4096
# input -> channels
LIGHTNESS_ONLY: Final[Mapping[str, int]] = MappingProxyType({INPUT_NAME: 1})


def traced_graph(
    network: nn.Module,
    *,
    multiple: int,
    size: tuple[int, int] | None = None,
    inputs: Mapping[str, int] = LIGHTNESS_ONLY,
) -> onnx.ModelProto:
    """Trace a network, without PyTorch's notes on its source.

    Parameters
    ----------
    network
        In evaluation mode; takes (N, C, H, W) tensors, gives one.
    multiple
        H and W must be multiples of this.
    size
        The only H and W that the graph takes; None for any.
    inputs
        Name of each input, and its channels.

    Returns
    -------
    onnx.ModelProto
        Dynamic in N, and in H and W unless `size` is given; no metadata.
    """
    # Traced at a size that is not square, with two pictures: a dimension that happens to be equal
    # to another, or to 1, would be taken for a constant.
    height, width = size or (4 * multiple, 6 * multiple)
    examples = tuple(torch.zeros(2, channels, height, width) for channels in inputs.values())
    dimensions: dict[int, Any] = {0: torch.export.Dim("batch", min=1, max=MAX_BATCH)}
    if size is None:
        dimensions[2] = multiple * torch.export.Dim("rows", min=1)
        dimensions[3] = multiple * torch.export.Dim("columns", min=1)
    with _quiet_exporter():
        program: Any = torch.onnx.export(
            network,
            examples,
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=[OUTPUT_NAME],
            dynamic_shapes=tuple(dimensions for _ in inputs),
        )
    model: onnx.ModelProto = program.model_proto
    graph = model.graph
    for described in (model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        described.ClearField("metadata_props")
    del graph.value_info[:]
    for value, prefix in (*((each, "") for each in graph.input), (graph.output[0], "ab_")):
        _name_dimensions(value, ("batch", None, f"{prefix}height", f"{prefix}width"))
    return model


def _name_dimensions(value: onnx.ValueInfoProto, names: tuple[str | None, ...]) -> None:
    """Name the dimensions that are free."""
    for dimension, name in zip(value.type.tensor_type.shape.dim, names, strict=True):
        if name is not None and not dimension.HasField("dim_value"):
            dimension.dim_param = name


@contextmanager
def _quiet_exporter() -> Iterator[None]:
    """Silence notes on packages that the exporter could also have used; errors still come."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
