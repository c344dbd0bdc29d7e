"""Early stopping that a resumed run keeps to."""

from __future__ import annotations

import lightning.pytorch as pl
from lightning.pytorch.callbacks import EarlyStopping
from typing_extensions import override


class Patience(EarlyStopping):
    """Stop when so many `validations` in a row have brought no better `val_loss`, or one is NaN.

    Lightning's callback keeps its count in the checkpoint, but would let a run that it has stopped
    go on for another epoch at every resume.
    """

    def __init__(self, validations: int) -> None:
        super().__init__("val_loss", patience=validations, check_on_train_epoch_end=False)

    @override
    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop again at once, if the checkpoint is that of a stopped run."""
        trainer.should_stop = self.wait_count >= self.patience
