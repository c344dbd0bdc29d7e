"""How far a run is, for whoever shows it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightning.pytorch as pl
from lightning.pytorch.callbacks import Callback
from typing_extensions import override


@dataclass(frozen=True, slots=True)
class RunProgress:
    """Reporter of a training run.

    Attributes
    ----------
    step, steps
        The network's finished steps, and those of the whole run.
    loss
        Of the last batch.
    validation_share
        The recipe's `[loss]` of the averaged weights on held-out crops over that of leaving them
        gray, as of the last validation; None before the first.
    steps_per_second
        Since the run was started or resumed.
    """

    step: int
    steps: int
    loss: float
    validation_share: float | None
    steps_per_second: float


class ReportProgress(Callback):
    """Call `report` after every `every` steps and after each validation.

    Of several processes that train together, the first alone reports.
    """

    def __init__(self, report: Callable[[RunProgress], None], *, steps: int, every: int) -> None:
        self._report = report
        self._steps = steps
        self._every = every

    @override
    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self._started = time.perf_counter()
        self._first_step = trainer.global_step

    @override
    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Report, if it is time."""
        if trainer.global_step % self._every == 0:
            self._tell(trainer)

    @override
    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Report the new validation loss."""
        self._tell(trainer)

    def _tell(self, trainer: pl.Trainer) -> None:
        if not trainer.is_global_zero:
            return
        measured = trainer.callback_metrics
        gray = measured.get("val_gray_loss")
        done = trainer.global_step - self._first_step
        self._report(
            RunProgress(
                step=trainer.global_step,
                steps=self._steps,
                loss=float(measured["loss"]),
                validation_share=None if gray is None else float(measured["val_ab_loss"] / gray),
                steps_per_second=done / (time.perf_counter() - self._started),
            )
        )
