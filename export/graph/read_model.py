"""An ONNX file with its contract."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import onnx

from ...engine.inference.contract import ModelContract
from ...errors import ModelError, first_line
from .half_weights import widen_weights
from .without_hints import drop_hints


def read_model(
    onnx_path: Path, *, keep_hints: bool = False
) -> tuple[onnx.ModelProto, ModelContract, str]:
    """Read a model under the contract, all its weights in float32, and the SHA-256 of its file.

    A model that takes hints is read as one that takes none, unless `keep_hints`: 8 bit, ensembles and
    engines have none.

    Raises
    ------
    ModelError, ContractError
        The file is no model, or not under the contract.
    """
    try:
        onnx_bytes = onnx_path.read_bytes()
        model = onnx.load_from_string(onnx_bytes)
    except OSError as error:
        raise ModelError(f"{onnx_path}: cannot read it: {first_line(error)}") from error
    except Exception as error:  # protobuf's exceptions depend on its implementation
        raise ModelError(f"{onnx_path}: not a readable ONNX model: {error}") from error
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    contract = ModelContract.from_metadata(metadata, str(onnx_path))
    widen_weights(model)
    if contract.hints and not keep_hints:
        drop_hints(model)
        contract = replace(contract, hints=0)
    return model, contract, hashlib.sha256(onnx_bytes).hexdigest()
