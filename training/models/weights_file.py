"""Read weights that others published: PyTorch, safetensors and Keras files."""

from __future__ import annotations

import importlib
import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from ...errors import MissingDependencyError, ModelError, first_line

SAFETENSORS_TYPES: Final[Mapping[str, torch.dtype]] = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
}
HEADER_BYTES: Final = 8

# What the readers raise for files that are cut short or of another kind.
DAMAGE: Final = (
    *(AttributeError, EOFError, KeyError, OSError, RuntimeError, TypeError, ValueError),
    pickle.UnpicklingError,
)


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read every tensor of a file, by the name that the file gives it.

    Parameters
    ----------
    path
        A .safetensors, .h5 or .hdf5 file; any other is taken for PyTorch's.

    Returns
    -------
    dict
        On the CPU, shapes as stored; Keras's `layer/layer/kernel:0` is called `layer/kernel`.

    Raises
    ------
    MissingDependencyError
        A Keras file, and h5py is not installed.
    ModelError
        The file is missing, damaged or of another kind.
    """
    readers = {".safetensors": _from_safetensors, ".h5": _from_keras, ".hdf5": _from_keras}
    try:
        return readers.get(path.suffix, _from_pytorch)(path)
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such file of weights") from error
    except DAMAGE as error:
        raise ModelError(
            f"{path}: cannot read weights ({first_line(error)}); fetch the file again"
        ) from error


def _from_pytorch(path: Path) -> dict[str, Tensor]:
    content = torch.load(path, map_location="cpu", weights_only=True)
    return {name: value for name, value in content.items() if isinstance(value, Tensor)}


def safetensors_metadata(path: Path) -> dict[str, str]:
    """Read the words that a safetensors file carries beside its tensors.

    Raises
    ------
    OSError, ValueError
        It is missing, or no such file.
    """
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(HEADER_BYTES), "little")))
    words: dict[str, str] = header.get("__metadata__", {})
    return words


def _from_safetensors(path: Path) -> dict[str, Tensor]:
    """Eight bytes with the header's length, a JSON header, then the tensors; all little-endian."""
    content = bytearray(path.read_bytes())
    start = HEADER_BYTES + int.from_bytes(content[:HEADER_BYTES], "little")
    header: dict[str, Any] = json.loads(content[HEADER_BYTES:start])
    header.pop("__metadata__", None)
    weights = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        dtype = SAFETENSORS_TYPES[entry["dtype"]]
        # A slice of its own, because frombuffer wants alignment.
        values = torch.frombuffer(content[start + first : start + last], dtype=dtype)
        weights[name] = values.reshape(entry["shape"])
    return weights


def _from_keras(path: Path) -> dict[str, Tensor]:
    try:
        h5py = importlib.import_module("h5py")
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"{path}: a Keras file needs 'h5py'; pip install h5py"
        ) from error
    weights: dict[str, Tensor] = {}

    def collect(name: str, entry: Any) -> None:
        if isinstance(entry, h5py.Dataset):
            layer, *_, leaf = name.removeprefix("model_weights/").split("/")
            weights[f"{layer}/{leaf.removesuffix(':0')}"] = torch.from_numpy(entry[()])

    with h5py.File(path, "r") as file:
        file.visititems(collect)
    return weights
