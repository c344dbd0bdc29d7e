"""Colours as near to the true ones as can be."""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override

from ..losses import loss_from_recipe
from ..models.network import ColorNetwork
from ..recipe import LossRecipe
from .objective import Batch, Objective, Turn, true_ab


class Regression(Objective):
    """A loss on predicted and true ab.

    Parameters
    ----------
    loss
        A name of `training.losses.LOSSES`.
    beta
        Where "smooth_l1" turns from squared to absolute, and the unit of all, in ab units.
    gradient_share
        See `training.recipe.LossRecipe`.

    Raises
    ------
    UsageError
        An option is out of its range.
    """

    def __init__(
        self, *, loss: str = "smooth_l1", beta: float = 10.0, gradient_share: float = 0.0
    ) -> None:
        super().__init__()
        self._loss = loss_from_recipe(
            LossRecipe(name=loss, beta=beta, gradient_share=gradient_share)
        )

    @override
    def turns(self, network: ColorNetwork, batch: Batch) -> Iterator[Turn]:
        """Yield the network's step."""
        predicted = network(batch["l_plane"])
        yield Turn(player="network", loss=self._loss(predicted, true_ab(batch, predicted)))
