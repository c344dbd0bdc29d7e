"""Read back what a training run saved."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..engine.atomic_write import write_atomically
from ..errors import ModelError, UsageError, first_line
from .models import build_model
from .models.network import ColorNetwork
from .models.weights_file import read_weights, safetensors_metadata
from .recipe import Recipe
from .recipe_file import recipe_from_tables

NETWORK_PREFIX = "model."

# What PyTorch raises for files that are cut short, of another kind, or of another network.
DAMAGE = (
    *(EOFError, KeyError, OSError, RuntimeError, TypeError, ValueError, pickle.UnpicklingError),
    ModelError,
)


@dataclass(frozen=True, slots=True)
class TrainedNetwork:
    """A network with its averaged weights in evaluation mode, and the run it comes from."""

    network: ColorNetwork
    recipe: Recipe
    step: int


def load_checkpoint(path: Path) -> TrainedNetwork:
    """Build the checkpoint's network and fill it.

    While an average is kept, Lightning saves it as `state_dict` and the weights being trained as
    `current_model_state`; so `state_dict` is what was validated, and what is taken here.

    Parameters
    ----------
    path
        A checkpoint of `training.trainer.run`, or a safetensors file of `training.shipped_weights`.

    Raises
    ------
    ModelError
        The file is missing, damaged, or not a checkpoint of this project.
    """
    try:
        checkpoint = _content_of(path)
        tables, weights = checkpoint["recipe"], checkpoint["state_dict"]
        recipe = recipe_from_tables(tables, str(path))
        network = build_model(recipe.model.family, options=recipe.model.options)
        network.load_state_dict(
            {
                name.removeprefix(NETWORK_PREFIX): value
                for name, value in weights.items()
                if name.startswith(NETWORK_PREFIX)
            }
        )
        step = int(checkpoint["global_step"])
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise ModelError(f"{path}: cannot read the checkpoint: {first_line(error)}") from error
    except (*DAMAGE, UsageError) as error:
        raise ModelError(
            f"{path}: not a checkpoint of colorize-train ({first_line(error)}); "
            "expected the best.ckpt or last.ckpt of a run"
        ) from error
    return TrainedNetwork(network.eval(), recipe, step)


def _content_of(path: Path) -> dict[str, Any]:
    if path.suffix != ".safetensors":
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        return content
    metadata = safetensors_metadata(path)
    weights = read_weights(path)
    return {
        "recipe": json.loads(metadata["recipe"]),
        "global_step": metadata["step"],
        "state_dict": {NETWORK_PREFIX + name: value for name, value in weights.items()},
    }


def save_network(output: Path, weights: Mapping[str, Tensor], trained: TrainedNetwork) -> None:
    """Write a checkpoint that has no state to resume from.

    Parameters
    ----------
    output
        Replaced if it exists.
    weights
        The network's `state_dict`.
    trained
        Whose recipe and step it gets.

    Raises
    ------
    UnwritableError
        The file cannot be written.
    """
    buffer = io.BytesIO()
    torch.save(
        {
            "state_dict": {NETWORK_PREFIX + name: value for name, value in weights.items()},
            "recipe": trained.recipe.to_tables(),
            "global_step": trained.step,
        },
        buffer,
    )
    write_atomically(output, buffer.getvalue())
