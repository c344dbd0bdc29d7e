"""The record of a run: one JSON line for each time that something was measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
from lightning.pytorch.callbacks import Callback
from typing_extensions import override


class MetricsLog(Callback):
    """Append losses to a JSON Lines file; a resumed run goes on where its checkpoint was.

    A line holds `step`, the number of the network's finished steps, and what the task logged: of the
    last batch or, under names that begin with `val_`, of a validation. (A Lightning logger is not
    used because its own count of steps is one off after a resume.)

    Parameters
    ----------
    path
        Of the file, made when the run starts.
    every
        Steps between two lines of training.
    """

    def __init__(self, path: Path, *, every: int) -> None:
        self._path = path
        self._every = every

    @override
    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Forget what was measured after the checkpoint: those steps will be taken again."""
        if not trainer.is_global_zero:
            return
        lines = self._path.read_text().splitlines(keepends=True) if self._path.exists() else []
        # A kill may have cut the last line short.
        whole = (line for line in lines if line.endswith("\n"))
        kept = [line for line in whole if json.loads(line)["step"] <= trainer.global_step]
        partial = self._path.with_name(f".{self._path.name}.partial")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text("".join(kept))
        partial.replace(self._path)

    @override
    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Record the batch, if it is time."""
        if trainer.global_step % self._every == 0:
            self._append(trainer, validation=False)

    @override
    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Record the validation."""
        self._append(trainer, validation=True)

    def _append(self, trainer: pl.Trainer, *, validation: bool) -> None:
        if not trainer.is_global_zero:
            return
        measured = {
            name: float(value)
            for name, value in trainer.callback_metrics.items()
            if name.startswith("val_") == validation
        }
        with self._path.open("a") as lines:
            lines.write(json.dumps({"step": trainer.global_step, **measured}) + "\n")


def validation_curve(path: Path) -> list[tuple[int, float]]:
    """Read (step, `val_loss`) of the validations in a file of `MetricsLog`; none if it is missing."""
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    measured = [json.loads(line) for line in lines if line.endswith("\n")]
    return [(line["step"], line["val_loss"]) for line in measured if "val_loss" in line]
