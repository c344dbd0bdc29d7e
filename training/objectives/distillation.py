"""One network learns what several give on average."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor
from typing_extensions import override

from ...errors import UsageError
from ..augment_recipe import AugmentRecipe
from ..checkpoint import load_checkpoint
from ..losses import loss_from_recipe
from ..models.network import ColorNetwork
from ..models.options import check_option
from ..recipe import LossRecipe
from ..shipped_weights import weights_file
from .objective import Batch, Objective, Turn, resized_like, true_ab


class Distillation(Objective):
    """A loss between a network's colours and the mean of its teachers'.

    G. Hinton, O. Vinyals and J. Dean, "Distilling the Knowledge in a Neural Network" (2015). Networks
    that were trained apart err apart, so their mean is nearer to the truth than each.

    On photographs that a teacher was trained on it says what it learned by heart and not what it would
    think. So a teacher that was trained with `data.folds` teaches only the photographs that it has not
    seen (cross-fitting; V. Chernozhukov and others, "Double/debiased machine learning for treatment
    and structural parameters", 2018), and all the others teach every one.

    Parameters
    ----------
    teachers
        Checkpoints of `training.trainer.run` or names of shipped models, each of equal weight.
    loss
        A name of `training.losses.LOSSES`. Colours are compared at the resolution of the coarsest.
    beta
        Where "smooth_l1" turns from squared to absolute, and the unit of all, in ab units.
    truth_share
        Weight of the same loss to the true colours; 0..1.
    clean
        Show teachers each crop as it was before film, age and border, so that the network learns to say
        about a grainy, faded picture what they say about a good one, and of a border that it has no colour.

    Raises
    ------
    ModelError
        A teacher cannot be read.
    UsageError
        An option is out of its range, there is no teacher, or some photographs would have none.
    """

    def __init__(
        self,
        *,
        teachers: list[str],
        loss: str = "smooth_l1",
        beta: float = 4.0,
        truth_share: float = 0.0,
        clean: bool = False,
    ) -> None:
        super().__init__()
        check_option("teachers", teachers, bool(teachers), "one checkpoint or more")
        check_option("beta", beta, beta > 0, "a positive number")
        check_option("truth_share", truth_share, 0 <= truth_share <= 1, "0 to 1")
        # Not submodules, because a run's checkpoints have no use for weights that do not change.
        self._teachers = tuple(_Teacher.loaded(weights_file(each)) for each in teachers)
        _check_that_all_are_taught(self._teachers)
        self._loss = loss_from_recipe(LossRecipe(name=loss, beta=beta))
        self._truth_share = truth_share
        self._clean = clean

    @override
    def turns(self, network: ColorNetwork, batch: Batch) -> Iterator[Turn]:
        """Yield the network's step."""
        predicted = network(batch["l_plane"]).float()
        taught = self._taught(batch, predicted)
        loss = self._loss(resized_like(predicted, taught), taught)
        if self._truth_share:
            true_loss = self._loss(predicted, true_ab(batch, predicted))
            loss = torch.lerp(loss, true_loss, self._truth_share)
        yield Turn(player="network", loss=loss)

    def _taught(self, batch: Batch, predicted: Tensor) -> Tensor:
        """Mean of the teachers' ab, (N, 2, h, w) as predicted or as the coarsest teacher has it."""
        l_plane = batch["clean_l_plane" if self._clean else "l_plane"]
        name_hash = batch["name_hash"]
        answers: list[tuple[Tensor, Tensor]] = []
        with torch.no_grad():
            for teacher in self._teachers:
                unseen = teacher.unseen(name_hash)
                if unseen.any():
                    answers.append((unseen, teacher.network.to(l_plane.device)(l_plane[unseen])))
            coarsest = min([predicted, *(ab for _, ab in answers)], key=lambda ab: ab.shape[2])
            total = torch.zeros(len(l_plane), *coarsest.shape[1:], device=l_plane.device)
            votes = torch.zeros(len(l_plane), 1, 1, 1, device=l_plane.device)
            for unseen, ab_planes in answers:
                total[unseen] += resized_like(ab_planes.float(), coarsest)
                votes[unseen] += 1
            mean = total / votes
            return mean * resized_like(batch["picture"], mean) if self._clean else mean


@dataclass(frozen=True, slots=True)
class _Teacher:
    network: ColorNetwork
    data: AugmentRecipe

    @classmethod
    def loaded(cls, checkpoint: Path) -> _Teacher:
        trained = load_checkpoint(checkpoint)
        cast("Any", trained.network.requires_grad_(False)).to(memory_format=torch.channels_last)
        return cls(trained.network, trained.recipe.data)

    def unseen(self, name_hash: Tensor) -> Tensor:
        """Which photographs of a batch it teaches, (N,) bool."""
        everything = self.data.folds == 0
        unseen = [everything or self.data.leaves_out(each) for each in name_hash.tolist()]
        return torch.tensor(unseen, device=name_hash.device)


def _check_that_all_are_taught(teachers: Sequence[_Teacher]) -> None:
    # By the number of folds, those that no teacher leaves out; one without folds has a single part.
    untaught: dict[int, set[int]] = {}
    for data in (teacher.data for teacher in teachers):
        untaught.setdefault(data.folds, set(range(max(1, data.folds)))).discard(data.left_out_fold)
    folds, fewest = min(untaught.items(), key=lambda item: len(item[1]))
    if fewest:
        missing = ", ".join(map(str, sorted(fewest)))
        raise UsageError(
            f"teachers: no one teaches fold {missing} of {folds}; "
            "add checkpoints of runs that leave it out"
        )
