"""One checkpoint of several: the mean of their weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from ..errors import ModelError, UsageError
from .checkpoint import load_checkpoint, save_network


def average_checkpoints(checkpoints: Sequence[Path], output: Path) -> None:
    """Average networks that were trained further from one, and write a checkpoint of the result.

    M. Wortsman et al., "Model soups: averaging weights of multiple fine-tuned models improves accuracy
    without increasing inference time" (2022). Networks that began with different weights do not
    average: their units do not mean the same.

    Parameters
    ----------
    checkpoints
        Two or more, of `training.trainer.run`; one that is named twice weighs twice.
    output
        Replaced if it exists. It holds the first one's recipe, and no state to resume from.

    Raises
    ------
    ModelError
        A checkpoint cannot be read, or their networks differ in shape.
    UnwritableError
        The file cannot be written.
    UsageError
        There are fewer than two.
    """
    if len(checkpoints) < 2:
        raise UsageError("a soup needs two checkpoints or more")
    trained = [load_checkpoint(path) for path in checkpoints]
    weights = [each.network.state_dict() for each in trained]
    shapes = [{name: value.shape for name, value in each.items()} for each in weights]
    for path, shape in zip(checkpoints, shapes, strict=True):
        if shape != shapes[0]:
            raise ModelError(
                f"{path}: a network that differs from that of {checkpoints[0]}; expected "
                "checkpoints that were trained further from one"
            )
    averaged = {
        name: torch.stack([each[name] for each in weights]).mean(dim=0)
        if value.is_floating_point()
        else value
        for name, value in weights[0].items()
    }
    save_network(output, averaged, trained[0])
