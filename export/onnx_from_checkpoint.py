"""Checkpoint -> ONNX under the contract."""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import onnx
import torch
from onnx import helper

from ..engine.atomic_write import write_atomically
from ..engine.contract import INPUT_NAME, OUTPUT_NAME, ModelContract
from ..errors import UsageError
from ..training.checkpoint import load_checkpoint
from ..training.models.network import ColorNetwork
from .parity import check_parity

OPSET: Final = 20
MAX_BATCH: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """What goes into the contract that a checkpoint cannot tell.

    Parameters
    ----------
    name, license, training_data
        For people: see `ModelContract`.
    working_area
        H x W that the model works best at, in pixels; the picture's aspect is kept.
    working_min, working_max
        The range of H and of W, pixels.
    """

    name: str
    license: str
    training_data: str
    working_area: int = 256 * 256
    working_min: int = 64
    working_max: int = 1024

    def __post_init__(self) -> None:
        for field in ("name", "license", "training_data"):
            if not getattr(self, field).strip():
                raise UsageError(f"export: {field} is empty; a model file must state it")
        if not 0 < self.working_min <= self.working_max:
            raise UsageError(
                f"export: working_min {self.working_min} must be positive and at most "
                f"working_max {self.working_max}"
            )
        if not self.working_min**2 <= self.working_area <= self.working_max**2:
            raise UsageError(
                f"export: working_area {self.working_area} does not fit sides of "
                f"{self.working_min} to {self.working_max}"
            )


def onnx_from_checkpoint(checkpoint_path: Path, onnx_path: Path, options: ExportOptions) -> float:
    """Export the averaged weights of a checkpoint; the same checkpoint gives the same bytes.

    The file appears under its name only after it has passed `onnx.checker` and the parity gate.

    Parameters
    ----------
    checkpoint_path
        Of `training.trainer.run`.
    onnx_path
        Replaced if it exists.
    options
        The contract's free entries.

    Returns
    -------
    float
        The largest difference between PyTorch and ONNX Runtime, in ab units.

    Raises
    ------
    ModelError
        The checkpoint is unusable, or the parity gate refused.
    UnwritableError
        The file cannot be written.
    UsageError
        `working_min` or `working_max` leaves no side that the network takes.
    """
    network = load_checkpoint(checkpoint_path).network
    multiple = network.working_multiple
    if options.working_max // multiple * multiple < options.working_min:
        raise UsageError(
            f"export: no multiple of {multiple} between working_min {options.working_min} "
            f"and working_max {options.working_max}"
        )
    contract = ModelContract(
        name=options.name,
        license=options.license,
        training_data=options.training_data,
        weights_sha256=hashlib.sha256(checkpoint_path.read_bytes()).hexdigest(),
        working_multiple=multiple,
        working_min=options.working_min,
        working_max=options.working_max,
        working_area=options.working_area,
    )
    model = _exported(network)
    helper.set_model_props(model, contract.to_metadata())
    onnx.checker.check_model(model, full_check=True)
    onnx_bytes = model.SerializeToString(deterministic=True)
    error_ab = check_parity(network, onnx_bytes)
    write_atomically(onnx_path, onnx_bytes)
    return error_ab


def _exported(network: ColorNetwork) -> onnx.ModelProto:
    """Trace the bare graph with dynamic N, H and W, without PyTorch's notes on its source."""
    multiple = network.working_multiple
    batch = torch.export.Dim("batch", min=1, max=MAX_BATCH)
    rows = torch.export.Dim("rows", min=1)
    columns = torch.export.Dim("columns", min=1)
    # Traced at a size that is not square, with two pictures: a dimension that happens to be equal
    # to another, or to 1, would be taken for a constant.
    example = torch.zeros(2, 1, 4 * multiple, 6 * multiple)
    with _quiet_exporter():
        program: Any = torch.onnx.export(
            network,
            (example,),
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=[INPUT_NAME],
            output_names=[OUTPUT_NAME],
            dynamic_shapes=({0: batch, 2: multiple * rows, 3: multiple * columns},),
        )
    model: onnx.ModelProto = program.model_proto
    graph = model.graph
    for described in (model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        described.ClearField("metadata_props")
    del graph.value_info[:]
    _name_dimensions(graph.input[0], ("batch", None, "height", "width"))
    _name_dimensions(graph.output[0], ("batch", None, "ab_height", "ab_width"))
    return model


def _name_dimensions(value: onnx.ValueInfoProto, names: tuple[str | None, ...]) -> None:
    for dimension, name in zip(value.type.tensor_type.shape.dim, names, strict=True):
        if name is not None:
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
