"""A network learns the mean of its teachers, whatever the true colours are."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.optim import Adam

from colorize_batch.errors import ModelError, UsageError
from colorize_batch.training.checkpoint import load_checkpoint
from colorize_batch.training.models import build_model
from colorize_batch.training.models.network import ColorNetwork
from colorize_batch.training.objectives import build_objective
from tests.training.small_checkpoint import SMALL, write_checkpoint


def batch() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    l_plane = torch.rand(4, 1, 32, 32, generator=generator) * 100
    return {"l_plane": l_plane, "ab_planes": torch.full((4, 2, 32, 32), 90.0)}


@pytest.fixture
def teachers(tmp_path: Path) -> list[str]:
    return [str(write_checkpoint(tmp_path / f"{seed}.ckpt", seed)) for seed in (1, 2)]


def student() -> ColorNetwork:
    torch.manual_seed(3)
    return build_model("mse-cnn", options=SMALL)


def test_the_loss_is_that_to_the_mean(teachers: list[str]) -> None:
    objective = build_objective("distillation", {"teachers": teachers, "beta": 2.0})
    network = student().eval()
    (turn,) = objective.turns(network, batch())
    l_plane = batch()["l_plane"]
    with torch.no_grad():
        first, second = (load_checkpoint(Path(each)).network(l_plane) for each in teachers)
        error = (network(l_plane) - (first + second) / 2).abs() / 2.0
    assert not torch.allclose(first, second, atol=0.1)
    expected = torch.where(error < 1, error**2 / 2, error - 0.5).mean()
    torch.testing.assert_close(turn.loss.detach(), expected, rtol=1e-4, atol=1e-6)


def test_the_network_comes_nearer_to_the_teachers_and_they_stay(teachers: list[str]) -> None:
    objective = build_objective("distillation", {"teachers": teachers, "blend_share": 0.0})
    assert objective.state_dict() == {}
    assert list(objective.parameters()) == []
    network = student().train()
    optimizer = Adam(network.parameters(), lr=5e-3)
    losses = []
    for _ in range(30):
        (turn,) = objective.turns(network, batch())
        optimizer.zero_grad()
        turn.loss.backward()
        optimizer.step()
        losses.append(float(turn.loss.detach()))
    assert losses[-1] < 0.5 * losses[0]


def test_pictures_are_blended_in_training_only(teachers: list[str]) -> None:
    objective = build_objective("distillation", {"teachers": teachers, "blend_share": 1.0})
    network = student()

    def loss() -> float:
        (turn,) = objective.turns(network, batch())
        return float(turn.loss.detach())

    network.eval()
    assert loss() == loss()
    network.train()
    assert loss() != loss()


def test_teachers_that_do_not_fit_are_refused(teachers: list[str], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.ckpt: cannot read the checkpoint"):
        build_objective("distillation", {"teachers": [str(tmp_path / "none.ckpt")]})
    lite = str(write_checkpoint(tmp_path / "lite.ckpt", 4, "lite"))
    for chosen, message in (
        ([lite], r"expected teachers that predict \(4, 2, 32, 32\).* got \(4, 2, 16, 16\)"),
        ([teachers[0], lite], "expected teachers that predict alike"),
    ):
        objective = build_objective("distillation", {"teachers": chosen})
        with pytest.raises(UsageError, match=message):
            next(objective.turns(student(), batch()))
