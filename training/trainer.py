"""`colorize-train run`: a recipe and a photo cache in, checkpoints out; resumes exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast

import lightning.pytorch as pl
import torch
from lightning.pytorch.callbacks import Callback, EMAWeightAveraging, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch import Tensor
from torch.utils.data import DataLoader

from ..errors import DatasetError, UsageError
from .dataset.crop_batches import CropBatches
from .dataset.photo_cache import PhotoCache
from .recipe import CropStage, Recipe
from .task import ColorizationTask

CHECKPOINT_NAME: Final = "last.ckpt"
VALIDATION_CROPS: Final = CropStage(steps=8, crop=192, batch=16)


def run(
    recipe: Recipe,
    cache_dir: Path,
    run_dir: Path,
    *,
    resume: bool = False,
    callbacks: list[Callback] | None = None,
) -> Path:
    """Train; write `last.ckpt` (with the averaged weights) and `metrics.csv` under `run_dir`.

    Every epoch ends with a checkpoint, and a batch depends on (seed, step) alone, so a run that was
    killed and resumed takes the same steps as one that was not.

    Parameters
    ----------
    recipe, cache_dir, run_dir
        What to train, on what, and where the results go.
    resume
        Go on from `run_dir/last.ckpt`, if it is there.
    callbacks
        More Lightning callbacks, such as a progress bar.

    Returns
    -------
    Path
        The checkpoint.

    Raises
    ------
    DatasetError
        There is no usable cache, or the disk is full.
    UsageError
        `run_dir` holds a run already and `resume` is false.
    """
    checkpoint = run_dir / CHECKPOINT_NAME
    if checkpoint.exists() and not resume:
        raise UsageError(f"{checkpoint} exists; add --resume to go on, or name another folder")
    photos = CropData(recipe, PhotoCache(cache_dir))
    pl.seed_everything(recipe.trainer.seed, verbose=False)
    task = ColorizationTask(recipe)
    task.model.to(memory_format=torch.channels_last)
    epochs = -(-recipe.steps // recipe.trainer.epoch_steps)
    trainer = pl.Trainer(
        max_epochs=epochs,
        max_steps=recipe.steps,
        precision=cast("Any", recipe.trainer.precision),
        gradient_clip_val=recipe.optimizer.clip_norm,
        reload_dataloaders_every_n_epochs=1,
        default_root_dir=run_dir,
        logger=CSVLogger(run_dir, name="", version=""),
        log_every_n_steps=10,
        num_sanity_val_steps=0,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[
            EMAWeightAveraging(decay=recipe.trainer.ema_decay),
            ModelCheckpoint(run_dir, filename="last", save_top_k=1, enable_version_counter=False),
            *(callbacks or []),
        ],
    )
    try:
        trainer.fit(task, photos, ckpt_path=checkpoint if checkpoint.exists() else None)
    except OSError as error:
        raise DatasetError(f"{run_dir}: training stopped: {error}; free space, then --resume") from error
    return checkpoint


class CropData(pl.LightningDataModule):
    """The loaders of a run: an epoch is the next `epoch_steps` steps."""

    def __init__(self, recipe: Recipe, cache: PhotoCache) -> None:
        super().__init__()
        self._recipe = recipe
        self._cache = cache
        self._training, self._validation = cache.split(recipe.data.validation_share)
        if not self._training:
            raise DatasetError(f"{cache.cache_dir}: no photograph left to train on")
        if not self._validation:
            self._validation = self._training[:1]

    def train_dataloader(self) -> DataLoader[dict[str, Tensor]]:
        """The batches of the trainer's current epoch."""
        trainer: Any = self.trainer
        first = trainer.current_epoch * self._recipe.trainer.epoch_steps
        last = min(first + self._recipe.trainer.epoch_steps, self._recipe.steps)
        return self._loader(self._training, self._recipe.stages, first, last)

    def val_dataloader(self) -> DataLoader[dict[str, Tensor]]:
        """The same held-out crops every time."""
        return self._loader(self._validation, (VALIDATION_CROPS,), 0, VALIDATION_CROPS.steps)

    def _loader(
        self, indices: list[int], stages: tuple[CropStage, ...], first: int, last: int
    ) -> DataLoader[dict[str, Tensor]]:
        batches = CropBatches(
            self._cache,
            indices,
            stages=stages,
            augment=self._recipe.data,
            seed=self._recipe.trainer.seed,
            first_step=first,
            last_step=last,
        )
        return DataLoader(batches, batch_size=None, shuffle=False)
