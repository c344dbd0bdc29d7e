"""One network learns what several give on average."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional
from typing_extensions import override

from ..checkpoint import load_checkpoint
from ..models.network import ColorNetwork
from ..models.options import check_option
from .objective import Batch, Objective, Turn, resized_like


class Distillation(Objective):
    """Smooth L1 between a network's colours and the mean of its teachers'.

    G. Hinton, O. Vinyals and J. Dean, "Distilling the Knowledge in a Neural Network" (2015). Networks
    that were trained apart err apart, so their mean is nearer to the truth than each. The true colours
    are not looked at. Pictures are blended at random, because on photographs that the teachers know by
    heart they say what they learned and not what they would think: L. Beyer et al., "Knowledge
    distillation: A good teacher is patient and consistent" (2022).

    Parameters
    ----------
    teachers
        Checkpoints of `training.trainer.run`, each of equal weight.
    blend_share
        Share of batches in which each picture is blended with another; 0..1.
    beta
        Where the loss turns from squared to absolute, and its unit, in ab units.

    Raises
    ------
    ModelError
        A teacher cannot be read.
    UsageError
        An option is out of its range, or there is no teacher.
    """

    def __init__(self, *, teachers: list[str], blend_share: float = 0.5, beta: float = 4.0) -> None:
        super().__init__()
        check_option("teachers", teachers, bool(teachers), "one checkpoint or more")
        check_option("blend_share", blend_share, 0 <= blend_share <= 1, "0 to 1")
        check_option("beta", beta, beta > 0, "a positive number")
        # Not submodules, because a run's checkpoints have no use for weights that do not change.
        self._teachers = tuple(load_checkpoint(Path(each)).network for each in teachers)
        for teacher in self._teachers:
            cast("Any", teacher.requires_grad_(False)).to(memory_format=torch.channels_last)
        self._blend_share = blend_share
        self._beta = beta

    @override
    def turns(self, network: ColorNetwork, batch: Batch) -> Iterator[Turn]:
        """Yield the network's step."""
        l_plane = batch["l_plane"]
        if network.training and torch.rand(()) < self._blend_share:
            l_plane = _blended(l_plane)
        predicted = network(l_plane).float()
        taught = self._taught(l_plane, predicted)
        loss = functional.smooth_l1_loss(predicted / self._beta, taught / self._beta)
        yield Turn(player="network", loss=loss)

    def _taught(self, l_plane: Tensor, predicted: Tensor) -> Tensor:
        """Mean of the teachers' ab, (N, 2, h, w) as predicted."""
        with torch.no_grad():
            answers = [teacher.to(l_plane.device)(l_plane).float() for teacher in self._teachers]
            return torch.stack([resized_like(each, predicted) for each in answers]).mean(dim=0)


def _blended(l_plane: Tensor) -> Tensor:
    """Mix each picture with another of the batch, in parts drawn evenly."""
    parts = torch.rand(len(l_plane), 1, 1, 1, device=l_plane.device)
    return parts * l_plane + (1 - parts) * l_plane[torch.randperm(len(l_plane))]
