"""Weights of shipped models as safetensors files: what a user trains further."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from ..engine.atomic_write import write_atomically
from ..errors import UsageError
from .checkpoint import TrainedNetwork, load_checkpoint
from .models.weights_file import HEADER_BYTES, SAFETENSORS_TYPES

SUFFIX: Final = ".safetensors"
_FOLDER: Final = Path(__file__).parents[1] / "models"
_TYPE_NAMES: Final = {dtype: name for name, dtype in SAFETENSORS_TYPES.items()}


def weights_file(name_or_path: str | Path) -> Path:
    """Find a shipped model's weights by its name; a path with an ending is taken as it is.

    Raises
    ------
    UsageError
        There are no such weights.
    """
    path = Path(name_or_path)
    if path.suffix:
        return path
    names = sorted(file.stem for file in _FOLDER.glob(f"*{SUFFIX}"))
    if str(name_or_path) not in names:
        raise UsageError(
            f"weights {str(name_or_path)!r}: expected {' or '.join(names)}, or the path of a "
            f"checkpoint, .ckpt or {SUFFIX}"
        )
    return _FOLDER / f"{name_or_path}{SUFFIX}"


def write_weights(checkpoint: Path, output: Path) -> None:
    """Write a checkpoint's network as safetensors, filters in half precision.

    Half precision is what the shipped ONNX file has; batch norms and biases stay as they are.

    Parameters
    ----------
    checkpoint
        Of `training.trainer.run`, or what this function wrote.
    output
        Replaced if it exists.

    Raises
    ------
    ModelError
        The checkpoint is unusable.
    UnwritableError
        The file cannot be written.
    """
    write_atomically(output, safetensors_of(load_checkpoint(checkpoint)))


def safetensors_of(trained: TrainedNetwork) -> bytes:
    """The bytes of a safetensors file whose metadata hold the recipe and the step.

    The format is eight bytes with the header's length, a JSON header, then the tensors, all
    little-endian: https://huggingface.co/docs/safetensors.
    """
    header: dict[str, Any] = {
        "__metadata__": {
            "recipe": json.dumps(trained.recipe.to_tables(), sort_keys=True),
            "step": str(trained.step),
        }
    }
    blocks: list[bytes] = []
    end = 0
    for name, value in sorted(trained.network.state_dict().items()):
        stored = _stored(value)
        block = stored.numpy().tobytes()
        header[name] = {
            "dtype": _TYPE_NAMES[stored.dtype],
            "shape": list(stored.shape),
            "data_offsets": [end, end + len(block)],
        }
        end += len(block)
        blocks.append(block)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(HEADER_BYTES, "little") + text + b"".join(blocks)


def _stored(value: Tensor) -> Tensor:
    is_filter = value.ndim == 4 and value.dtype == torch.float32
    return (value.half() if is_filter else value).contiguous().cpu()
