"""The Lightning module: one training step, validation and the optimisers of a recipe."""

from __future__ import annotations

import math
from typing import Any, cast

import lightning.pytorch as pl
import torch
from lightning.pytorch.core.optimizer import LightningOptimizer
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from typing_extensions import override

from ..errors import UsageError
from .losses import loss_from_recipe
from .models import build_model
from .objectives import build_objective
from .objectives.objective import Objective, Turn, true_ab
from .objectives.regression import Regression
from .recipe import Recipe


class ColorizationTask(pl.LightningModule):
    """Train the recipe's network to predict ab from L*.

    Parameters
    ----------
    recipe
        The whole recipe; it travels in the checkpoint, so that export needs nothing else.

    Raises
    ------
    UsageError
        A name or option of the recipe is not known, or two of them do not fit each other.
    ModelError, MissingDependencyError
        See `build_model`.
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.recipe = recipe
        self.model = build_model(
            recipe.model.family, pretrained=recipe.model.pretrained, options=recipe.model.options
        )
        if recipe.trainer.keep_norms:
            _keep_norms(self.model)
        self.objective = _objective_from_recipe(recipe)
        self._ab_loss = loss_from_recipe(recipe.loss)
        # A loss that an adversary has a say in rises as the adversary learns.
        self._chosen_in_ab = (
            isinstance(self.objective, Regression) or self.objective.adversary is not None
        )
        # Two players take turns, which Lightning leaves to the task; one does not need to.
        self.automatic_optimization = self.objective.adversary is None
        self._check_that_tables_fit()

    @override
    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add the recipe as plain tables."""
        checkpoint["recipe"] = self.recipe.to_tables()

    @override
    def on_train_epoch_start(self) -> None:
        """Seed by the step, so that a resumed run draws the same noise in dropout and the like."""
        torch.manual_seed(self.recipe.trainer.seed * 1_000_003 + self.global_step)

    @override
    def training_step(self, batch: dict[str, Tensor], batch_index: int) -> Tensor:
        """Compute the objective's loss of one batch of `CropBatches`."""
        *_, last = map(self._taken, self.objective.turns(self.model, batch))
        self.log_dict({"loss": last.loss.detach(), **last.measured})
        return last.loss

    @override
    def validation_step(self, batch: dict[str, Tensor], batch_index: int) -> dict[str, Tensor]:
        """Log on held-out crops the loss in ab, that of gray, and what chooses `best.ckpt`.

        Returns the predicted `ab_planes`, for callbacks.
        """
        predicted = self.model(batch["l_plane"])
        gray = torch.zeros_like(batch["ab_planes"])
        ab_loss = self._ab_loss(predicted, true_ab(batch, predicted))
        gray_loss = self._ab_loss(gray, batch["ab_planes"])
        losses = {"val_loss": ab_loss, "val_ab_loss": ab_loss, "val_gray_loss": gray_loss}
        if not self._chosen_in_ab:
            *_, last = self.objective.turns(self.model, batch)
            losses["val_loss"] = last.loss
        self.log_dict(losses, batch_size=len(gray))
        return {"ab_planes": predicted}

    def configure_optimizers(self) -> Any:
        """AdamW for the network and for the adversary; linear warm-up, then a cosine to zero."""
        options = self.recipe.optimizer
        players = [self.model.parameter_groups(options.learning_rate, options.encoder_share)]
        if self.objective.adversary is not None:
            players.append([{"params": list(self.objective.adversary.parameters())}])
        optimizers = [
            AdamW(
                groups,
                lr=options.learning_rate,
                betas=(options.beta1, options.beta2),
                weight_decay=options.weight_decay,
            )
            for groups in players
        ]
        schedules = [LambdaLR(optimizer, self._rate_at) for optimizer in optimizers]
        return optimizers, [{"scheduler": each, "interval": "step"} for each in schedules]

    def _taken(self, turn: Turn) -> Turn:
        """Let the turn's player step, where Lightning does not see to it."""
        if self.automatic_optimization:
            return turn
        network, adversary = cast("list[LightningOptimizer]", self.optimizers())
        # Lightning counts the steps of optimisers that it has wrapped; a run counts the network's.
        optimizer = network if turn.player == "network" else adversary.optimizer
        optimizer.zero_grad()
        self.manual_backward(turn.loss)
        if self.recipe.optimizer.clip_norm:
            parameters = [p for group in optimizer.param_groups for p in group["params"]]
            torch.nn.utils.clip_grad_norm_(parameters, self.recipe.optimizer.clip_norm)
        optimizer.step()
        if turn.player == "network":
            for schedule in cast("list[LambdaLR]", self.lr_schedulers()):
                schedule.step()
        return turn

    def _rate_at(self, step: int) -> float:
        warmup = self.recipe.optimizer.warmup_steps
        if step < warmup:
            return (step + 1) / warmup
        progress = (step - warmup) / max(1, self.recipe.steps - warmup)
        return 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))

    def _check_that_tables_fit(self) -> None:
        family, multiple = self.recipe.model.family, self.model.working_multiple
        for stage in self.recipe.stages:
            if stage.crop % multiple:
                raise UsageError(
                    f"stages: crop = {stage.crop}: expected a multiple of {multiple}, "
                    f"as {family!r} needs it"
                )
        if not self.automatic_optimization and self.recipe.trainer.precision == "16-mixed":
            raise UsageError(
                "trainer.precision '16-mixed' does not fit an objective with an adversary; "
                "expected 32-true or bf16-mixed"
            )


def _keep_norms(network: nn.Module) -> None:
    """Put them into evaluation mode, which Lightning leaves as it finds it."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def _objective_from_recipe(recipe: Recipe) -> Objective:
    options = recipe.objective.options
    if recipe.objective.name == "regression":
        options = {
            "loss": recipe.loss.name,
            "beta": recipe.loss.beta,
            "gradient_share": recipe.loss.gradient_share,
        } | options
    return build_objective(recipe.objective.name, options)
