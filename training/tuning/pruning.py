"""Trials that are stopped because others were better."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import lightning.pytorch as pl
import optuna
from lightning.pytorch.callbacks import Callback
from typing_extensions import override

from ...errors import UsageError

# Of a run; trials compare at each such share of theirs. Steps would not do, because the rate of a
# short run falls sooner.
VALIDATIONS: Final = 10


class Pruning(Callback):
    """Tell a trial about its run's validations; end the run when the trial is not worth it.

    Parameters
    ----------
    trial
        Called with every share once.
    steps
        Of the whole run.
    known
        (step, loss) of the validations before a resume.
    """

    def __init__(
        self, trial: optuna.Trial, steps: int, *, known: Iterable[tuple[int, float]]
    ) -> None:
        self._trial = trial
        self._steps = steps
        self._told: set[int] = set()
        for step, loss in known:
            self._tell(step, loss)

    @override
    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Report the loss.

        Raises
        ------
        TrialPruned
            Earlier trials were better.
        UsageError
            The loss is not a finite number.
        """
        step, loss = trainer.global_step, float(trainer.callback_metrics["val_loss"])
        if not math.isfinite(loss):
            raise UsageError(f"training diverged: val_loss is {loss} at step {step}")
        self._tell(step, loss)
        if self._trial.should_prune():
            raise optuna.TrialPruned

    def _tell(self, step: int, loss: float) -> None:
        share = round(VALIDATIONS * step / self._steps)
        # A resumed run repeats what came after its checkpoint.
        if share not in self._told:
            self._told.add(share)
            self._trial.report(loss, share)
