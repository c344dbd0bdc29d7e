"""A model family small enough to train in a test, with everything that a resume could get wrong."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from colorize_batch.training import trainer
from colorize_batch.training.callbacks.progress import RunProgress
from colorize_batch.training.models import FAMILIES
from colorize_batch.training.models.network import ColorNetwork
from colorize_batch.training.recipe import (
    CropStage,
    ModelRecipe,
    ObjectiveRecipe,
    OptimizerRecipe,
    Recipe,
    TrainerRecipe,
)


class TinyNetwork(ColorNetwork):
    """Two convolutions, with batch norm (has buffers) and dropout (draws random numbers)."""

    working_multiple = 4

    def __init__(self, *, pretrained: bool = False) -> None:
        super().__init__()
        del pretrained
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 5, stride=2, padding=2),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Conv2d(8, 2, 3, padding=1),
        )

    def forward(self, l_plane: Tensor) -> Tensor:
        return self.layers(l_plane / 50 - 1) * 10


TINY_RECIPE = Recipe(
    model=ModelRecipe(family="tiny", pretrained=False),
    stages=(CropStage(steps=4, crop=32, batch=2), CropStage(steps=5, crop=64, batch=2)),
    optimizer=OptimizerRecipe(learning_rate=1e-2, warmup_steps=2),
    trainer=TrainerRecipe(precision="32-true", epoch_steps=3, ema_decay=0.5),
)


# The same with two players; its crops are larger because the adversary needs 24 pixels.
TINY_GAN_RECIPE = dataclasses.replace(
    TINY_RECIPE,
    stages=(CropStage(steps=4, crop=64, batch=2), CropStage(steps=5, crop=96, batch=2)),
    objective=ObjectiveRecipe(name="conditional-gan", options={"filters": 4}),
)
TINY_RECIPES = {"regression": TINY_RECIPE, "gan": TINY_GAN_RECIPE}


def add_tiny_family() -> None:
    """Make `tiny` a family, and validation quick."""
    cast("dict[str, Callable[..., ColorNetwork]]", FAMILIES)["tiny"] = TinyNetwork
    trainer.VALIDATION_STEPS = trainer.VALIDATION_BATCH = 2
    trainer.LOG_EVERY_STEPS = 1
    torch.set_num_threads(1)


def train_until_killed(recipe: Recipe, cache_dir: Path, run_dir: Path, step: int) -> None:
    """Run a recipe and kill this process outright in the given step."""

    def kill(progress: RunProgress) -> None:
        if progress.step == step:
            os.kill(os.getpid(), signal.SIGKILL)

    trainer.run(recipe, cache_dir, run_dir, on_progress=kill)


if __name__ == "__main__":
    add_tiny_family()
    name, cache_name, run_name, step = sys.argv[1:]
    train_until_killed(TINY_RECIPES[name], Path(cache_name), Path(run_name), int(step))
