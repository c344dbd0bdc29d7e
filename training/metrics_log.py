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

    A line holds `step`, the number of finished optimiser steps, and either `loss`, that of the last
    batch, or `val_loss` and `val_gray_loss`. (A Lightning logger is not used because its own count
    of steps is one off after a resume.)

    Parameters
    ----------
    path
        Of the file, made when the run starts.
    every
        Steps between two lines of `loss`.
    """

    def __init__(self, path: Path, *, every: int) -> None:
        self._path = path
        self._every = every

    @override
    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Forget what was measured after the checkpoint: those steps will be taken again."""
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
        """Record the loss, if it is time."""
        if trainer.global_step % self._every == 0:
            self._append(trainer, "loss")

    @override
    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Record the validation."""
        self._append(trainer, "val_loss", "val_gray_loss")

    def _append(self, trainer: pl.Trainer, *names: str) -> None:
        measured = {name: float(trainer.callback_metrics[name]) for name in names}
        with self._path.open("a") as lines:
            lines.write(json.dumps({"step": trainer.global_step, **measured}) + "\n")
