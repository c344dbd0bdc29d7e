import dataclasses
import math

import pytest
import torch
from torch import Tensor

from colorize_batch.errors import UsageError
from colorize_batch.training.recipe import (
    CropStage,
    LossRecipe,
    ModelRecipe,
    ObjectiveRecipe,
    OptimizerRecipe,
    TrainerRecipe,
)
from colorize_batch.training.task import ColorizationTask
from tests.training.tiny_family import TINY_GAN_RECIPE, TINY_RECIPE


def batch_of(side: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        "l_plane": torch.rand(2, 1, side, side, generator=generator) * 100,
        "ab_planes": torch.rand(2, 2, side, side, generator=generator) * 40 - 20,
    }


def test_a_regression_takes_its_loss_from_the_recipe(tiny_family: None) -> None:
    losses = {}
    for beta in (1.0, 2.0):
        recipe = dataclasses.replace(TINY_RECIPE, loss=LossRecipe(name="l1", beta=beta))
        torch.manual_seed(0)
        task = ColorizationTask(recipe).eval()
        (turn,) = task.objective.turns(task.model, batch_of(32))
        losses[beta] = turn.loss.item()
    assert losses[1.0] == pytest.approx(2 * losses[2.0])


def test_an_optimiser_for_each_player(tiny_family: None) -> None:
    recipe = dataclasses.replace(
        TINY_GAN_RECIPE, optimizer=OptimizerRecipe(learning_rate=2e-4, beta1=0.5, warmup_steps=4)
    )
    task = ColorizationTask(recipe)
    assert task.objective.adversary is not None
    optimizers, schedules = task.configure_optimizers()
    for optimizer, player in zip(optimizers, (task.model, task.objective.adversary), strict=True):
        (group,) = optimizer.param_groups
        assert set(group["params"]) == set(player.parameters())
        assert group["betas"] == (0.5, 0.999)
        assert group["lr"] == pytest.approx(2e-4 / 4)  # the first step of the warm-up
    assert len(schedules) == 2


def test_frozen_parameters_have_no_optimiser() -> None:
    recipe = dataclasses.replace(
        TINY_RECIPE, model=ModelRecipe(family="fusion-lite0", pretrained=False)
    )
    task = ColorizationTask(recipe)
    frozen = set(task.model.get_submodule("classifier").parameters())
    ((optimizer,), _) = task.configure_optimizers()
    optimised = {p for group in optimizer.param_groups for p in group["params"]}
    assert optimised == set(task.model.parameters()) - frozen


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"stages": (CropStage(steps=1, crop=34, batch=2),)},
            "crop = 34: expected a multiple of 4, as 'tiny' needs it",
        ),
        ({"objective": ObjectiveRecipe(name="hinge")}, "objective.name 'hinge': expected one of"),
        ({"model": ModelRecipe(family="tiny", options={"a": 1})}, "unknown option model.options.a"),
        ({"loss": LossRecipe(name="l3")}, "'l3': expected one of"),
        (
            {
                "objective": ObjectiveRecipe(name="conditional-gan"),
                "trainer": TrainerRecipe(precision="16-mixed"),
            },
            "'16-mixed' does not fit an objective with an adversary",
        ),
    ],
)
def test_tables_that_do_not_fit(tiny_family: None, change: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ColorizationTask(dataclasses.replace(TINY_RECIPE, **change))  # type: ignore[arg-type]


def test_the_rate_warms_up_linearly_and_falls_as_a_cosine(tiny_family: None) -> None:
    recipe = dataclasses.replace(
        TINY_RECIPE,
        stages=(CropStage(steps=24, crop=32, batch=2),),
        optimizer=OptimizerRecipe(learning_rate=0.1, warmup_steps=4),
    )
    (optimizer,), (schedule,) = ColorizationTask(recipe).configure_optimizers()
    rates = []
    for _ in range(24):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule["scheduler"].step()
    assert rates[:5] == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1])
    for step in range(4, 24):
        assert rates[step] == pytest.approx(0.05 * (1 + math.cos(math.pi * (step - 4) / 20)))
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0, abs=1e-12)
