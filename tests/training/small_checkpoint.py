"""Checkpoints of small networks, as a run leaves them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch

from colorize_batch.training.models import build_model
from colorize_batch.training.recipe import CropStage, ModelRecipe, Recipe

# Of the family `mse-cnn`.
SMALL: Final = {"filters": 4, "dropout": 0.0}


def write_checkpoint(
    path: Path, seed: int, family: str = "mse-cnn", *, fold: int = 0, folds: int = 0
) -> Path:
    """One with colours of its own; of `mse-cnn` a `SMALL` one. It has not seen `fold` of `folds`."""
    torch.manual_seed(seed)
    options = SMALL if family == "mse-cnn" else {}
    recipe = Recipe(
        model=ModelRecipe(family=family, pretrained=False, options=dict(options)),
        stages=(CropStage(steps=1, crop=32, batch=2),),
    ).leaving_out(fold, folds)
    network = build_model(family, options=options)
    for parameter in network.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    torch.save(
        {
            "recipe": recipe.to_tables(),
            "state_dict": {f"model.{name}": value for name, value in network.state_dict().items()},
            "global_step": 1,
        },
        path,
    )
    return path
