"""A run for TensorBoard: the losses, and what the network makes of held-out pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.utils.tensorboard import SummaryWriter
from typing_extensions import override

from ...kernels.reference import srgb_from_lab

MOST_PICTURES: Final = 8


class TensorBoardLog(Callback):
    """Write scalars, and at each validation pictures: gray | ours | truth, a row each.

    It only looks on: a run takes the same steps with it as without.

    Parameters
    ----------
    log_dir
        For the event files; a resumed run adds one that replaces what came after its checkpoint.
    every
        Steps between two writings of training losses.
    """

    def __init__(self, log_dir: Path, *, every: int) -> None:
        self._log_dir = log_dir
        self._every = every
        self._writer: SummaryWriter | None = None

    @override
    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Open the event file."""
        if trainer.is_global_zero:
            self._writer = SummaryWriter(str(self._log_dir), purge_step=trainer.global_step + 1)

    @override
    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Write the batch's losses and the rate, if it is time."""
        if self._writer is not None and trainer.global_step % self._every == 0:
            self._write_scalars(self._writer, trainer, validation=False)
            rate = trainer.optimizers[0].param_groups[-1]["lr"]
            self._writer.add_scalar("learning_rate", rate, trainer.global_step)

    @override
    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Draw the first of the held-out crops."""
        if self._writer is not None and batch_idx == 0:
            picture = sample_picture(batch["l_plane"], outputs["ab_planes"], batch["ab_planes"])
            self._writer.add_image(
                "gray_ours_truth", picture, trainer.global_step, dataformats="HWC"
            )

    @override
    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the validation's losses; what is written is on the disk afterwards."""
        if self._writer is not None:
            self._write_scalars(self._writer, trainer, validation=True)
            self._writer.flush()

    @override
    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Close the event file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    @staticmethod
    def _write_scalars(writer: SummaryWriter, trainer: pl.Trainer, *, validation: bool) -> None:
        for name, value in trainer.callback_metrics.items():
            if name.startswith("val_") == validation:
                writer.add_scalar(name, float(value), trainer.global_step)


def sample_picture(l_plane: Tensor, ab_planes: Tensor, true_ab_planes: Tensor) -> NDArray[np.uint8]:
    """Lay pictures out in rows of gray, predicted and true colours.

    Parameters
    ----------
    l_plane
        (N, 1, H, W), CIELAB L*; the first eight at most are drawn.
    ab_planes
        (N, 2, h, w), predicted a*, b*; enlarged to H x W.
    true_ab_planes
        (N, 2, H, W).

    Returns
    -------
    ndarray
        (min(N, 8) H, 3 W, 3) uint8 sRGB.
    """
    l_plane, true = l_plane[:MOST_PICTURES].cpu().float(), true_ab_planes[:MOST_PICTURES]
    ours = functional.interpolate(
        ab_planes[:MOST_PICTURES].cpu().float(), size=l_plane.shape[2:], mode="bilinear"
    )
    columns = [
        torch.cat([l_plane, ab], dim=1) for ab in (torch.zeros_like(ours), ours, true.cpu().float())
    ]
    # (3, N, 3, H, W) to rows of pictures.
    lab = torch.stack(columns).permute(1, 3, 0, 4, 2)
    rows, height, across, width, _ = lab.shape
    rgb = srgb_from_lab(lab.reshape(rows * height, across * width, 3).numpy())
    return np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
