import math

import pytest
import torch

from colorize_batch.errors import UsageError
from colorize_batch.training.evaluation.ciede2000 import ciede2000
from colorize_batch.training.losses import LOSSES, loss_from_recipe
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
