"""`colorize-train run`: a recipe and a photo cache in, checkpoints out; resumes exactly."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import lightning.pytorch as pl
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from torch import Tensor
from torch.utils.data import DataLoader

from ..errors import DatasetError, ModelError, UsageError
from .callbacks.averaging import RunningAverage
from .callbacks.metrics_log import MetricsLog
from .callbacks.patience import Patience
from .callbacks.progress import ReportProgress, RunProgress
from .checkpoint import load_checkpoint
from .dataset.crop_batches import CropBatches
from .dataset.photo_cache import PhotoCache
from .recipe import CropStage, Recipe
from .task import ColorizationTask

CHECKPOINT_NAME: Final = "last.ckpt"
BEST_NAME: Final = "best.ckpt"
METRICS_NAME: Final = "metrics.jsonl"
TENSORBOARD_NAME: Final = "tensorboard"
LOG_EVERY_STEPS: Final = 10
VALIDATION_STEPS: Final = 8
VALIDATION_BATCH: Final = 16
# Enough to know how often each colour occurs.
OBSERVED_STEPS: Final = 32


def run(
    recipe: Recipe,
    cache_dir: Path,
    run_dir: Path,
    *,
    resume: bool = False,
    start: Path | None = None,
    on_progress: Callable[[RunProgress], None] | None = None,
    callbacks: Sequence[Callback] = (),
) -> Path:
    """Train; write checkpoints with the averaged weights, and `metrics.jsonl`, under `run_dir`.

    Every epoch ends with `last.ckpt`, kept also as `best.ckpt` if no validation was better; and a
    batch depends on (seed, step) alone, so a run that was killed and resumed takes the same steps as
    one that was not.

    Parameters
    ----------
    recipe, cache_dir, run_dir
        What to train, on what, and where the results go.
    resume
        Go on from `run_dir/last.ckpt`, if it is there.
    start
        A checkpoint whose network the run begins with, to be trained further on other photographs or
        by another recipe; layers that the recipe's options shape otherwise begin anew. Of no effect
        on a run that goes on.
    on_progress
        Called every few steps and after each validation.
    callbacks
        Of Lightning, to run beside this function's own.

    Returns
    -------
    Path
        The last checkpoint.

    Raises
    ------
    DatasetError
        There is no usable cache, or the disk is full.
    UsageError
        The recipe asks for what is not there; or `run_dir` holds a run already and `resume` is
        false, or it is one of another recipe.
    ModelError, MissingDependencyError
        Public weights that the recipe starts from cannot be had, or `start` is of another family.
    KeyboardInterrupt
        The run was stopped by a signal; it can be resumed.
    """
    checkpoint = run_dir / CHECKPOINT_NAME
    begun = checkpoint.exists()
    if begun:
        _check_resumable(checkpoint, recipe, resume)
    photos = CropData(recipe, PhotoCache(cache_dir))
    own_callbacks: list[Callback] = [
        RunningAverage(recipe.trainer.ema_decay),
        # The best comes first, so that the last one's state knows of it.
        _checkpoints(run_dir, BEST_NAME, monitor="val_loss"),
        _checkpoints(run_dir, CHECKPOINT_NAME),
        MetricsLog(run_dir / METRICS_NAME, every=LOG_EVERY_STEPS),
    ]
    if recipe.trainer.patience:
        own_callbacks.append(Patience(recipe.trainer.patience))
    if on_progress is not None:
        own_callbacks.append(ReportProgress(on_progress, steps=recipe.steps, every=LOG_EVERY_STEPS))
    with _quiet_lightning():
        pl.seed_everything(recipe.trainer.seed, verbose=False)
        task = ColorizationTask(recipe)
        if start is not None and not begun:
            _start_from(start, task)
        # A convolution's training step on a CPU takes a sixth of the time in this layout.
        cast("Any", task).to(memory_format=torch.channels_last)
        if not begun:
            task.objective.observe(photos.first_batches(OBSERVED_STEPS))
        trainer = pl.Trainer(
            # Steps alone say when to stop: Lightning counts one epoch too many at every resume.
            max_epochs=-1,
            max_steps=recipe.steps,
            precision=cast("Any", recipe.trainer.precision),
            gradient_clip_val=recipe.optimizer.clip_norm if task.automatic_optimization else None,
            reload_dataloaders_every_n_epochs=1,
            devices=recipe.trainer.devices or "auto",
            strategy=recipe.trainer.strategy,
            use_distributed_sampler=False,  # every process has batches of its own
            default_root_dir=run_dir,
            logger=False,
            num_sanity_val_steps=0,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[*own_callbacks, *callbacks],
        )
        try:
            trainer.fit(task, photos, ckpt_path=checkpoint if begun else None)
        except SystemExit as stop:  # how Lightning passes on Ctrl-C and SIGTERM
            raise KeyboardInterrupt from stop
        except OSError as error:
            raise DatasetError(
                f"{run_dir}: training stopped: {error}; free space, then --resume"
            ) from error
    return checkpoint


class CropData(pl.LightningDataModule):
    """The loaders of a run: an epoch is the next `epoch_steps` steps."""

    def __init__(self, recipe: Recipe, cache: PhotoCache) -> None:
        super().__init__()
        self._recipe = recipe
        self._cache = cache
        training, self._validation = cache.split(recipe.data.validation_share)
        self._training = [
            index for index in training if not recipe.data.leaves_out(cache.name_hash(index))
        ]
        if not self._training:
            raise DatasetError(
                f"{cache.cache_dir}: data.validation_share {recipe.data.validation_share} and "
                f"data.folds {recipe.data.folds} leave no photograph to train on; "
                "lower the share or prepare more"
            )
        # A set too small to spare a photograph is still worth a trial run.
        self._validation = self._validation or self._training[:1]

    def train_dataloader(self) -> DataLoader[dict[str, Tensor]]:
        """Load the batches of the epoch that begins."""
        first = cast("pl.Trainer", self.trainer).global_step
        last = min(first + self._recipe.trainer.epoch_steps, self._recipe.steps)
        rank = cast("pl.Trainer", self.trainer).global_rank
        return self._loader(self._training, self._recipe.stages, first, last, rank)

    def first_batches(self, steps: int) -> DataLoader[dict[str, Tensor]]:
        """Load the batches that training begins with, `steps` of them at most."""
        return self._loader(self._training, self._recipe.stages, 0, min(steps, self._recipe.steps))

    def val_dataloader(self) -> DataLoader[dict[str, Tensor]]:
        """Load the same held-out crops every time, of the size that training ends with."""
        crops = CropStage(
            steps=VALIDATION_STEPS, crop=self._recipe.stages[-1].crop, batch=VALIDATION_BATCH
        )
        return self._loader(self._validation, (crops,), 0, crops.steps)

    def _loader(
        self,
        indices: list[int],
        stages: tuple[CropStage, ...],
        first: int,
        last: int,
        rank: int = 0,
    ) -> DataLoader[dict[str, Tensor]]:
        batches = CropBatches(
            self._cache,
            indices,
            stages=stages,
            augment=self._recipe.data,
            seed=self._recipe.trainer.seed,
            first_step=first,
            last_step=last,
            rank=rank,
        )
        return DataLoader(
            batches, batch_size=None, shuffle=False, num_workers=self._recipe.trainer.workers
        )


def _checkpoints(run_dir: Path, name: str, *, monitor: str | None = None) -> ModelCheckpoint:
    return ModelCheckpoint(
        run_dir, filename=Path(name).stem, monitor=monitor, enable_version_counter=False
    )


def _start_from(checkpoint: Path, task: ColorizationTask) -> None:
    """Give the network the checkpoint's weights, all that fit: another resolution has other layers."""
    trained = load_checkpoint(checkpoint)
    own = task.model.state_dict()
    family, wanted = trained.recipe.model.family, task.recipe.model.family
    fitting = {
        name: value
        for name, value in trained.network.state_dict().items()
        if name in own and own[name].shape == value.shape
    }
    if family != wanted or not fitting:
        raise ModelError(
            f"{checkpoint}: a {family} that does not fit the recipe's {wanted}; "
            "expected a checkpoint of the same family"
        )
    task.model.load_state_dict(own | fitting)


def _check_resumable(checkpoint: Path, recipe: Recipe, resume: bool) -> None:
    if not resume:
        raise UsageError(f"{checkpoint} exists; add --resume to go on, or name another folder")
    begun = load_checkpoint(checkpoint).recipe
    if begun != recipe:
        raise UsageError(
            f"{checkpoint} was begun with another recipe; resume it with that one, "
            "or name another folder"
        )


@contextmanager
def _quiet_lightning() -> Iterator[None]:
    """Keep Lightning's advice and hardware notes off the terminal; errors still come through."""
    logger = logging.getLogger("lightning.pytorch")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"lightning\.|torch\.|copyreg")
            yield
    finally:
        logger.setLevel(level)
