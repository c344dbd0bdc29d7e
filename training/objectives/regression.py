"""Colours as near to the true ones as can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from torch import Tensor
from torch.nn import functional
from typing_extensions import override

from ..colorfulness import mean_colorfulness
from ..losses import loss_from_recipe
from ..models.network import ColorNetwork
from ..models.options import check_option
from ..recipe import LossRecipe
from .objective import Batch, Objective, Turn, true_ab

# "Averagely colourful" on the scale of `mean_colorfulness`.
AVERAGE_COLORFULNESS: Final = 45.0


class Regression(Objective):
    """A loss on predicted and true ab.

    Parameters
    ----------
    loss
        A name of `training.losses.LOSSES`.
    beta
        Where "smooth_l1" turns from squared to absolute, and the unit of all, in ab units.

    colorfulness
        Share of the truth's colourfulness, averaged over a batch, below which a lack of colour
        counts; 0 never minds. A regression is dull where it is in doubt: this makes it take its
        chances where they cost the least.
    colorfulness_weight
        Of a lack as large as the colourfulness of an average photograph.

    Raises
    ------
    UsageError
        An option is out of its range.
    """

    def __init__(
        self,
        *,
        loss: str = "smooth_l1",
        beta: float = 10.0,
        colorfulness: float = 0.0,
        colorfulness_weight: float = 0.5,
    ) -> None:
        super().__init__()
        check_option("colorfulness", colorfulness, colorfulness >= 0, "0 or more")
        check_option(
            "colorfulness_weight", colorfulness_weight, colorfulness_weight >= 0, "0 or more"
        )
        self._loss = loss_from_recipe(LossRecipe(name=loss, beta=beta))
        self._colorfulness = colorfulness
        self._colorfulness_weight = colorfulness_weight

    @override
    def turns(self, network: ColorNetwork, batch: Batch) -> Iterator[Turn]:
        """Yield the network's step."""
        predicted = network(batch["l_plane"])
        loss = self._loss(predicted, true_ab(batch, predicted))
        if self._colorfulness:
            loss = loss + self._colorfulness_weight * self._lack_of_color(predicted.float(), batch)
        yield Turn(player="network", loss=loss)

    def _lack_of_color(self, predicted: Tensor, batch: Batch) -> Tensor:
        l_plane = functional.interpolate(batch["l_plane"], size=predicted.shape[2:], mode="area")
        wanted = self._colorfulness * mean_colorfulness(l_plane, true_ab(batch, predicted))
        return (
            functional.relu(wanted - mean_colorfulness(l_plane, predicted)) / AVERAGE_COLORFULNESS
        )
