"""The Lightning module: one training step, validation and the optimiser of a recipe."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import lightning.pytorch as pl
import torch
from torch import Tensor
from torch.nn import functional
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from typing_extensions import override

from .losses import loss_from_recipe
from .models import build_model
from .recipe import Recipe


class ColorizationTask(pl.LightningModule):
    """Train the recipe's network to predict ab from L*.

    Parameters
    ----------
    recipe
        The whole recipe; it travels in the checkpoint, so that export needs nothing else.
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.recipe = recipe
        self.model = build_model(recipe.model.family, pretrained=recipe.model.pretrained)
        self._loss = loss_from_recipe(recipe.loss)

    @override
    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add the recipe as plain tables."""
        checkpoint["recipe"] = json.loads(json.dumps(asdict(self.recipe)))

    @override
    def on_train_epoch_start(self) -> None:
        """Seed by the step, so that a resumed run draws the same noise in dropout and the like."""
        torch.manual_seed(self.recipe.trainer.seed * 1_000_003 + self.global_step)

    @override
    def training_step(self, batch: dict[str, Tensor], batch_index: int) -> Tensor:
        """Compute the loss of one batch of `CropBatches`."""
        loss = self._loss_of(batch)
        self.log("loss", loss)
        return loss

    @override
    def validation_step(self, batch: dict[str, Tensor], batch_index: int) -> None:
        """Log the loss on held-out crops, and that of leaving them gray."""
        gray = self._loss(torch.zeros_like(batch["ab_planes"]), batch["ab_planes"])
        count = len(batch["l_plane"])
        self.log("val_loss", self._loss_of(batch), batch_size=count)
        self.log("val_gray_loss", gray, batch_size=count)

    def configure_optimizers(self) -> Any:
        """AdamW over the network's groups; linear warm-up, then a cosine to zero."""
        options = self.recipe.optimizer
        groups = self.model.parameter_groups(options.learning_rate, options.encoder_share)
        optimizer = AdamW(groups, weight_decay=options.weight_decay)
        schedule = LambdaLR(optimizer, self._rate_at)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def _rate_at(self, step: int) -> float:
        warmup = self.recipe.optimizer.warmup_steps
        if step < warmup:
            return (step + 1) / warmup
        progress = (step - warmup) / max(1, self.recipe.steps - warmup)
        return 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))

    def _loss_of(self, batch: dict[str, Tensor]) -> Tensor:
        l_plane = batch["l_plane"].contiguous(memory_format=torch.channels_last)
        predicted = self.model(l_plane)
        true = functional.interpolate(batch["ab_planes"], size=predicted.shape[2:], mode="area")
        return self._loss(predicted, true)
