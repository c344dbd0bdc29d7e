"""Checkpoint -> ONNX under the contract."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper

from ..engine.atomic_write import write_atomically
from ..engine.inference.contract import ModelContract
from ..errors import UsageError
from ..training.checkpoint import load_checkpoint
from ..training.models.network import ColorNetwork
from .parity.parity import check_parity
from .traced_graph import traced_graph


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """Facts for the contract that a checkpoint does not hold.

    Parameters
    ----------
    name, license, training_data
        For people: see `ModelContract`.
    working_area
        H x W that the model works best at, in pixels; the picture's aspect is kept. None takes that
        of the network's design.
    working_min, working_max
        The range of H and of W, pixels; None takes a quarter and four times the side of a square of
        that area, which suits aspects up to 16 : 1.
    """

    name: str
    license: str
    training_data: str
    working_area: int | None = None
    working_min: int | None = None
    working_max: int | None = None

    def __post_init__(self) -> None:
        for field in ("name", "license", "training_data"):
            if not getattr(self, field).strip():
                raise UsageError(f"export: {field} is empty; a model file must state it")


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
        The working sizes do not fit each other, or leave no side that the network takes.
    """
    exported = exported_checkpoint(checkpoint_path, options)
    onnx_bytes = exported.model.SerializeToString(deterministic=True)
    error_ab = check_parity(exported.network, onnx_bytes)
    write_atomically(onnx_path, onnx_bytes)
    return error_ab


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedCheckpoint:
    """A model and the network that it was exported from.

    Parameters
    ----------
    model
        Under the contract, in float32.
    contract
        Of the model.
    network
        In evaluation mode.
    """

    model: onnx.ModelProto
    contract: ModelContract
    network: ColorNetwork

    def predict(self, l_batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, 1, H, W) L* 0..100 to (N, 2, h, w) a*, b*, by PyTorch."""
        with torch.inference_mode():
            ab_batch: NDArray[np.float32] = self.network(torch.from_numpy(l_batch)).numpy()
        return ab_batch


def exported_checkpoint(checkpoint_path: Path, options: ExportOptions) -> ExportedCheckpoint:
    """Export without writing, and without the parity gate.

    Parameters
    ----------
    checkpoint_path, options
        As of `onnx_from_checkpoint`.

    Raises
    ------
    ModelError
        The checkpoint is unusable.
    UsageError
        The working sizes do not fit each other, or leave no side that the network takes.
    """
    network = load_checkpoint(checkpoint_path).network
    weights_sha256 = hashlib.sha256(checkpoint_path.read_bytes()).hexdigest()
    contract = _contract(network, weights_sha256, options)
    model = traced_graph(network, multiple=network.working_multiple)
    model.doc_string = network.credit
    helper.set_model_props(model, contract.to_metadata())
    onnx.checker.check_model(model, full_check=True)
    return ExportedCheckpoint(model=model, contract=contract, network=network)


def _contract(network: ColorNetwork, weights_sha256: str, options: ExportOptions) -> ModelContract:
    """Fill in what the options leave to the network."""
    area = network.working_area if options.working_area is None else options.working_area
    side = math.isqrt(max(area, 0))
    shortest = side // 4 if options.working_min is None else options.working_min
    longest = side * 4 if options.working_max is None else options.working_max
    multiple = network.working_multiple
    if not 0 < shortest <= longest:
        raise UsageError(
            f"export: working_min {shortest} must be positive and at most working_max {longest}"
        )
    if not shortest**2 <= area <= longest**2:
        raise UsageError(
            f"export: working_area {area} does not fit sides of {shortest} to {longest}"
        )
    if longest // multiple * multiple < shortest:
        raise UsageError(
            f"export: no multiple of {multiple} between working_min {shortest} "
            f"and working_max {longest}"
        )
    return ModelContract(
        name=options.name,
        license="; ".join(filter(None, (options.license, network.carried_license))),
        training_data=options.training_data,
        weights_sha256=weights_sha256,
        working_multiple=multiple,
        working_min=shortest,
        working_max=longest,
        working_area=area,
    )
