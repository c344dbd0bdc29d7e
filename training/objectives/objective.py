"""The one interface between a trainer and whatever a network is trained to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from torch import Tensor, nn
from torch.nn import functional

from ..models.network import ColorNetwork

# As `CropBatches` makes it, float32: "l_plane" (N, 1, H, W) and "ab_planes" (N, 2, H, W); "clean_l_plane",
# what "l_plane" was before film and age; "picture", 1 but for 0 on borders; and "name_hash" (N,), int64.
Batch: TypeAlias = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One optimiser step.

    Attributes
    ----------
    player
        Whose parameters move: the network's or the objective's adversary's.
    loss
        Scalar, float32; its gradient reaches the player's parameters only.
    measured
        Scalars worth recording, detached, by name.
    """

    player: Literal["network", "adversary"]
    loss: Tensor
    measured: Mapping[str, Tensor] = field(default_factory=dict)


class Objective(nn.Module, ABC):
    """Training objective of a network.

    A module, so that an adversary's weights and measured statistics are saved and resumed with the
    run. For every batch the trainer takes the `turns` in order, each with its own optimiser, and
    steps before it asks for the next one::

        for turn in objective.turns(network, batch):
            optimizer = optimizers[turn.player]
            optimizer.zero_grad()
            turn.loss.backward()
            optimizer.step()

    Parameters
    ----------
    adversary
        A second network with an optimiser of its own; None if the objective has none.
    """

    def __init__(self, adversary: nn.Module | None = None) -> None:
        super().__init__()
        self.adversary = adversary

    @abstractmethod
    def turns(self, network: ColorNetwork, batch: Batch) -> Iterator[Turn]:
        """Yield the optimiser steps of a batch: the network's last, the adversary's before it."""

    def observe(self, batches: Iterable[Batch]) -> None:
        """Measure training batches, once, before the first step; most objectives need not."""
        del batches


def true_ab(batch: Batch, predicted: Tensor) -> Tensor:
    """Reduce a batch's colour to the height and width of what a network predicts."""
    return resized_like(batch["ab_planes"], predicted)


def resized_like(ab_planes: Tensor, predicted: Tensor) -> Tensor:
    """Give planes (N, 2, H, W) the height and width of others: means of areas, or enlarged linearly."""
    size = predicted.shape[2:]
    if ab_planes.shape[2:] == size:
        return ab_planes
    if ab_planes.shape[2] >= size[0]:
        return functional.interpolate(ab_planes, size=size, mode="area")
    return functional.interpolate(ab_planes, size=size, mode="bilinear", align_corners=False)
