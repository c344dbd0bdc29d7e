import math

import pytest
import torch

from colorize_batch.errors import UsageError
from colorize_batch.kernels.reference.ciede2000 import ciede2000
from colorize_batch.training.losses import LOSSES, gradient_loss, loss_from_recipe
from colorize_batch.training.recipe import LossRecipe

TRUE = torch.tensor([20.0, -4.0]).reshape(1, 2, 1, 1)
GRAY = torch.zeros_like(TRUE)
GRAY_DIFFERENCE = float(ciede2000([50.0, 0.0, 0.0], [50.0, 20.0, -4.0]))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("l1", (20 + 4) / 2 / 10),
        ("l2", (20**2 + 4**2) / 2 / 10**2),
        ("ciede2000", (math.sqrt(GRAY_DIFFERENCE**2 + 1) - 1) / 10),
        ("smooth_l1", (20 / 10 - 0.5 + 0.5 * (4 / 10) ** 2) / 2),
    ],
)
def test_values(name: str, expected: float) -> None:
    loss = loss_from_recipe(LossRecipe(name=name, beta=10.0))
    assert loss(GRAY, TRUE).item() == pytest.approx(expected, rel=1e-4)
    assert loss(TRUE, TRUE).item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_half_precision_predictions_give_a_float32_loss(name: str) -> None:
    assert loss_from_recipe(LossRecipe(name=name))(GRAY.bfloat16(), TRUE).dtype == torch.float32


def test_unknown_name() -> None:
    with pytest.raises(UsageError, match="'hinge': expected one of smooth_l1, l1, l2"):
        loss_from_recipe(LossRecipe(name="hinge"))


def test_gradients_cost_blotches_and_not_an_even_cast() -> None:
    true = torch.zeros(1, 2, 16, 16)
    even = true + 8
    blotch = true.clone()
    blotch[..., 4:12, 4:12] = 8
    assert gradient_loss(even, true, 10.0) == 0
    assert gradient_loss(blotch, true, 10.0) > 0.02
    # An edge that is in the truth costs if it is missing, and not if it is there.
    assert gradient_loss(true, blotch, 10.0) == gradient_loss(blotch, true, 10.0)
    assert gradient_loss(blotch, blotch, 10.0) == 0


def test_soft_clouds_cost_too() -> None:
    """A cloud of 32 pixels changes by little from one pixel to the next, and costs a third still."""
    steps = torch.linspace(0, 8, 32).expand(1, 2, 32, 32)
    one_scale = float(steps.diff(dim=3).abs().mean()) / (2 * 10)
    assert gradient_loss(steps, torch.zeros_like(steps), 10.0).item() > 2 * one_scale


def test_share_of_gradients() -> None:
    predicted = torch.randn(1, 2, 8, 8, generator=torch.Generator().manual_seed(0))
    true = torch.zeros_like(predicted)
    plain = loss_from_recipe(LossRecipe(name="l1", beta=2.0))(predicted, true)
    both = loss_from_recipe(LossRecipe(name="l1", beta=2.0, gradient_share=0.5))(predicted, true)
    assert both.item() == pytest.approx((plain + 0.5 * gradient_loss(predicted, true, 2.0)).item())
