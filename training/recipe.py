"""A training recipe: one TOML file says the model, the data, the schedule and the loss."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import require
from .augment_recipe import AugmentRecipe
from .toml_table import toml_table

PRECISIONS: Final = ("32-true", "bf16-mixed", "16-mixed")


@toml_table
@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecipe:
    """Network family and its options.

    Parameters
    ----------
    family
        A name of `training.models.FAMILIES`.
    pretrained
        Start from public weights, in the families that have such a part.
    options
        The family's own; see its docstring.
    """

    family: str
    pretrained: bool = True
    options: dict[str, Any] = field(default_factory=dict)


@toml_table
@dataclass(frozen=True, slots=True, kw_only=True)
class CropStage:
    """A part of the schedule: `steps` batches of `batch` square crops of `crop` pixels."""

    steps: int
    crop: int
    batch: int

    def __post_init__(self) -> None:
        require(
            self.steps > 0 and self.batch > 1, "stages: steps must be positive, batch at least 2"
        )
        require(self.crop >= 32, "stages: crop must be at least 32")


@toml_table
@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerRecipe:
    """AdamW with a linear warm-up and a cosine to zero.

    Parameters
    ----------
    learning_rate
        At the end of the warm-up.
    encoder_share
        A pretrained encoder learns at this share of the rate.
    beta1, beta2
        How much of the gradients' mean and of their square's is kept at every step.
    weight_decay, warmup_steps
        Of AdamW, and of the schedule.
    clip_norm
        The gradient's norm is kept under this; 0 leaves it alone.
    """

    learning_rate: float = 1e-3
    encoder_share: float = 0.2
    beta1: float = 0.9
    beta2: float = 0.999
    weight_decay: float = 0.01
    warmup_steps: int = 200
    clip_norm: float = 1.0

    def __post_init__(self) -> None:
        require(self.learning_rate > 0, "optimizer.learning_rate must be positive")
        for name in ("encoder_share", "weight_decay", "warmup_steps", "clip_norm"):
            require(getattr(self, name) >= 0, f"optimizer.{name} must not be negative")
        for name in ("beta1", "beta2"):
            require(0 <= getattr(self, name) < 1, f"optimizer.{name} must be in 0..1, 1 excluded")


@toml_table
@dataclass(frozen=True, slots=True, kw_only=True)
class LossRecipe:
    """The loss in ab: what a regression minimises, and what every family is compared by.

    Parameters
    ----------
    name
        Of `training.losses.LOSSES`.
    beta
        Where `smooth_l1` turns from squared to absolute, and the unit of all, in ab units.
    gradient_share
        Weight of a second loss, of how colours change from place to place: blotches on what is plain and
        colours that run over an edge cost by it, a wrong colour that is even does not; 0 leaves it out.
    """

    name: str = "smooth_l1"
    beta: float = 10.0
    gradient_share: float = 0.0

    def __post_init__(self) -> None:
        require(self.beta > 0, "loss.beta must be positive")
        require(self.gradient_share >= 0, "loss.gradient_share must not be negative")


@toml_table
@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveRecipe:
    """Objective of the run: a name of `training.objectives.OBJECTIVES`, its options.

    The regression has its options from `[loss]`, unless they stand here.
    """

    name: str = "regression"
    options: dict[str, Any] = field(default_factory=dict)


@toml_table
@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerRecipe:
    """The run itself.

    Parameters
    ----------
    seed
        Of the crops and of the first weights.
    precision
        One of `PRECISIONS`.
    epoch_steps
        A validation and a checkpoint follow each such number of steps.
    ema_decay
        Of the running average of the weights, which is what is validated and exported.
    patience
        Stop after this many validations without a better one; 0 never stops early.
    workers
        Processes that make batches; 0 makes them between steps. The batches are the same.
    devices
        How many GPUs, or processes on a CPU, train together, each with a batch of its own at every
        step; 0 is all GPUs, or one process on a CPU.
    strategy
        How they share their gradients, as Lightning names it: "auto", "ddp", "fsdp".
    keep_norms
        Batch norms go by the means and variances that the run starts with, as in use, and not by each
        batch's: for a network that is ready and is to be trained further.
    """

    seed: int = 1
    precision: str = "bf16-mixed"
    epoch_steps: int = 200
    ema_decay: float = 0.998
    patience: int = 0
    workers: int = 0
    devices: int = 0
    strategy: str = "auto"
    keep_norms: bool = False

    def __post_init__(self) -> None:
        require(
            self.precision in PRECISIONS,
            f"trainer.precision {self.precision!r}: expected one of {', '.join(PRECISIONS)}",
        )
        require(self.seed >= 0, "trainer.seed must not be negative")
        require(self.epoch_steps > 0, "trainer.epoch_steps must be positive")
        require(0 <= self.ema_decay < 1, "trainer.ema_decay must be in 0..1, 1 excluded")
        require(self.patience >= 0, "trainer.patience must not be negative")
        require(self.workers >= 0, "trainer.workers must not be negative")
        require(self.devices >= 0, "trainer.devices must not be negative")


@toml_table
@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeRecipe:
    """Changes by `--smoke`: a run of under a minute that shows that the recipe works.

    Parameters
    ----------
    steps, crop, batch
        Of its only stage.
    pretrained
        False starts from random weights even if the recipe does not.
    options
        Of the family, where they differ from the recipe's.
    """

    steps: int = 24
    crop: int = 64
    batch: int = 8
    pretrained: bool = True
    options: dict[str, Any] = field(default_factory=dict)


@toml_table
@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A whole recipe; see `training/recipes/` for files."""

    model: ModelRecipe
    stages: tuple[CropStage, ...]
    data: AugmentRecipe = field(default_factory=AugmentRecipe)
    optimizer: OptimizerRecipe = field(default_factory=OptimizerRecipe)
    loss: LossRecipe = field(default_factory=LossRecipe)
    objective: ObjectiveRecipe = field(default_factory=ObjectiveRecipe)
    trainer: TrainerRecipe = field(default_factory=TrainerRecipe)
    smoke: SmokeRecipe = field(default_factory=SmokeRecipe)

    def __post_init__(self) -> None:
        require(bool(self.stages), "a recipe needs at least one [[stages]] table")

    @property
    def steps(self) -> int:
        """Optimiser steps of the whole run."""
        return sum(stage.steps for stage in self.stages)

    def to_tables(self) -> dict[str, Any]:
        """Write it as plain tables, which `recipe_file.recipe_from_tables` takes."""
        tables: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return tables

    def with_steps(self, steps: int) -> Recipe:
        """Stretch or shrink the stages to `steps` in all; each keeps its share of them.

        Raises
        ------
        UsageError
            Fewer steps than stages.
        """
        require(
            steps >= len(self.stages),
            f"steps {steps}: expected at least {len(self.stages)}, one for each of [[stages]]",
        )
        stages: list[CropStage] = []
        begun = ended = 0
        for number, stage in enumerate(self.stages, 1):
            begun += stage.steps
            # Every stage keeps one step at least, and leaves one for each that follows.
            last = steps - (len(self.stages) - number)
            upto = min(max(round(steps * begun / self.steps), ended + 1), last)
            stages.append(dataclasses.replace(stage, steps=upto - ended))
            ended = upto
        return dataclasses.replace(self, stages=tuple(stages))

    def leaving_out(self, fold: int, folds: int) -> Recipe:
        """Train on all but part `fold`, from 0, of `folds` parts of the photographs.

        Raises
        ------
        UsageError
            There is one part only, or no such part.
        """
        data = dataclasses.replace(self.data, folds=folds, left_out_fold=fold)
        return dataclasses.replace(self, data=data)

    def for_smoke(self) -> Recipe:
        """Cut the recipe as its table `smoke` says."""
        cut = self.smoke
        return dataclasses.replace(
            self,
            model=dataclasses.replace(
                self.model,
                pretrained=self.model.pretrained and cut.pretrained,
                options=self.model.options | cut.options,
            ),
            stages=(CropStage(steps=cut.steps, crop=cut.crop, batch=cut.batch),),
            optimizer=dataclasses.replace(self.optimizer, warmup_steps=2),
            trainer=dataclasses.replace(
                self.trainer, epoch_steps=cut.steps // 2, ema_decay=0.5, workers=0
            ),
        )
