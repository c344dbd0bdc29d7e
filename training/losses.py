"""Losses on predicted and true ab, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from ..errors import UsageError
from .color.color_difference import ciede2000_of_ab
from .recipe import LossRecipe

AbLoss = Callable[[Tensor, Tensor], Tensor]

GRADIENT_SCALES: Final = 3


def loss_from_recipe(recipe: LossRecipe) -> AbLoss:
    """Make a loss of (predicted, true) ab planes, (N, 2, h, w) each; a scalar near 1 for gray output.

    Raises
    ------
    UsageError
        The name is unknown.
    """
    if recipe.name not in LOSSES:
        raise UsageError(f"loss.name {recipe.name!r}: expected one of {', '.join(LOSSES)}")
    loss = LOSSES[recipe.name]

    def ab_loss(predicted: Tensor, true: Tensor) -> Tensor:
        predicted = predicted.float()
        total = loss(predicted, true, recipe.beta)
        if recipe.gradient_share:
            total = total + recipe.gradient_share * gradient_loss(predicted, true, recipe.beta)
        return total

    return ab_loss


def gradient_loss(predicted: Tensor, true: Tensor, beta: float) -> Tensor:
    """Mean absolute difference of the colours' gradients, in units of `beta`, over three scales.

    Coarser scales see clouds that are too soft for neighbouring pixels to tell. Each scale's gradients
    are those over its own pixels, so all weigh alike.

    Parameters
    ----------
    predicted, true
        (N, 2, h, w) float32, CIELAB a*, b*.
    beta
        Unit, ab units.

    Returns
    -------
    Tensor
        Scalar; 0 where colours differ by a constant.
    """
    difference = predicted - true
    total = difference.new_zeros(())
    for scale in range(GRADIENT_SCALES):
        if scale:
            difference = functional.avg_pool2d(difference, 2)
        total = total + difference.diff(dim=2).abs().mean() + difference.diff(dim=3).abs().mean()
    return total / (2 * GRADIENT_SCALES * beta)


def _smooth_l1(predicted: Tensor, true: Tensor, beta: float) -> Tensor:
    """Huber's loss: squared below `beta` ab units, absolute above."""
    return functional.smooth_l1_loss(predicted / beta, true / beta)


def _l1(predicted: Tensor, true: Tensor, beta: float) -> Tensor:
    return functional.l1_loss(predicted, true) / beta


def _l2(predicted: Tensor, true: Tensor, beta: float) -> Tensor:
    return functional.mse_loss(predicted, true) / beta**2


def _ciede2000(predicted: Tensor, true: Tensor, beta: float) -> Tensor:
    """Mean CIEDE2000 at equal lightness, rounded off below what can just be seen."""
    return (torch.sqrt(ciede2000_of_ab(predicted, true) + 1) - 1).mean() / beta


LOSSES: Final[Mapping[str, Callable[[Tensor, Tensor, float], Tensor]]] = {
    "smooth_l1": _smooth_l1,
    "l1": _l1,
    "l2": _l2,
    "ciede2000": _ciede2000,
}
