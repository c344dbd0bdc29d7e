"""A network learns the mean of its teachers, each on what it has not seen."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from torch.optim import Adam

from colorize_batch.errors import ModelError, UsageError
from colorize_batch.training.checkpoint import load_checkpoint
from colorize_batch.training.models import build_model
from colorize_batch.training.models.network import ColorNetwork
from colorize_batch.training.objectives import build_objective
from colorize_batch.training.shipped_weights import weights_file
from tests.training.small_checkpoint import SMALL, write_checkpoint


def batch() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    l_plane = torch.rand(4, 1, 32, 32, generator=generator) * 100
    return {
        "l_plane": l_plane,
        "ab_planes": torch.full((4, 2, 32, 32), 90.0),
        "name_hash": torch.tensor([10, 7, 2**62 + 1, 8]),
    }


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
    objective = build_objective("distillation", {"teachers": teachers})
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


def test_a_shipped_model_teaches_by_its_name() -> None:
    (turn,) = build_objective("distillation", {"teachers": ["lite"]}).turns(student(), batch())
    (expected,) = build_objective("distillation", {"teachers": [str(weights_file("lite"))]}).turns(
        student(), batch()
    )
    assert torch.equal(turn.loss, expected.loss)
    with pytest.raises(UsageError, match="expected lite, or the path"):
        build_objective("distillation", {"teachers": ["heavy"]})


def test_teachers_may_see_what_age_has_not_touched(teachers: list[str]) -> None:
    aged = batch()
    aged["clean_l_plane"] = aged["l_plane"].flip(0)
    aged["picture"] = torch.ones_like(aged["l_plane"])
    aged["picture"][..., :16] = 0
    options = {"teachers": teachers, "loss": "l2", "beta": 1.0, "clean": True}
    network = student().eval()
    (turn,) = build_objective("distillation", options).turns(network, aged)
    with torch.no_grad():
        answers = [load_checkpoint(Path(each)).network(aged["clean_l_plane"]) for each in teachers]
        taught = (answers[0] + answers[1]) / 2 * aged["picture"]
        expected = functional.mse_loss(network(aged["l_plane"]), taught)
    torch.testing.assert_close(turn.loss.detach(), expected, rtol=1e-4, atol=1e-6)


def test_colours_are_compared_at_the_coarsest_resolution(
    teachers: list[str], tmp_path: Path
) -> None:
    coarse = str(write_checkpoint(tmp_path / "lite.ckpt", 4, "lite"))
    l_plane = batch()["l_plane"]
    network = student().eval()
    with torch.no_grad():
        fine = load_checkpoint(Path(teachers[0])).network(l_plane)
        halved = load_checkpoint(Path(coarse)).network(l_plane)
        predicted = network(l_plane)
    assert halved.shape[2:] == (16, 16)
    reduced = functional.avg_pool2d(fine, 2)
    objective = build_objective("distillation", {"teachers": [teachers[0], coarse]})
    (turn,) = objective.turns(network, batch())
    own = functional.avg_pool2d(predicted, 2)
    expected = functional.smooth_l1_loss(own / 4, (reduced + halved) / 8)
    torch.testing.assert_close(turn.loss.detach(), expected, rtol=1e-4, atol=1e-6)
    # The other way round, a pixel of the coarse network learns the mean of a square of the fine one.
    (turn,) = build_objective("distillation", {"teachers": teachers[:1]}).turns(
        load_checkpoint(Path(coarse)).network, batch()
    )
    expected = functional.smooth_l1_loss(halved / 4, reduced / 4)
    torch.testing.assert_close(turn.loss.detach(), expected, rtol=1e-4, atol=1e-6)


def test_a_teacher_teaches_only_what_it_has_not_seen(teachers: list[str], tmp_path: Path) -> None:
    halves = [
        str(write_checkpoint(tmp_path / f"half{fold}.ckpt", 5 + fold, fold=fold, folds=2))
        for fold in (0, 1)
    ]
    network = student().eval()
    l_plane, name_hash = batch()["l_plane"], batch()["name_hash"]
    assert name_hash.remainder(2).tolist() == [0, 1, 1, 0]
    with torch.no_grad():
        always, even, odd = (
            load_checkpoint(Path(each)).network(l_plane) for each in [teachers[0], *halves]
        )
        predicted = network(l_plane)
    taught = (always + torch.stack([even[0], odd[1], odd[2], even[3]])) / 2
    objective = build_objective(
        "distillation",
        {"teachers": [halves[1], teachers[0], halves[0]], "loss": "l2", "beta": 10.0},
    )
    (turn,) = objective.turns(network, batch())
    expected = functional.mse_loss(predicted, taught) / 100
    torch.testing.assert_close(turn.loss.detach(), expected, rtol=1e-4, atol=1e-6)


def test_photographs_that_no_one_would_teach_are_refused(
    teachers: list[str], tmp_path: Path
) -> None:
    thirds = [
        str(write_checkpoint(tmp_path / f"third{fold}.ckpt", 7, fold=fold, folds=3))
        for fold in (0, 2)
    ]
    with pytest.raises(UsageError, match="no one teaches fold 1 of 3"):
        build_objective("distillation", {"teachers": thirds})
    build_objective("distillation", {"teachers": [*thirds, teachers[0]]})


def test_the_truth_has_its_share(teachers: list[str]) -> None:
    network = student().eval()

    def loss(truth_share: float) -> float:
        options = {"teachers": teachers, "loss": "ciede2000", "truth_share": truth_share}
        (turn,) = build_objective("distillation", options).turns(network, batch())
        return float(turn.loss.detach())

    assert loss(0.3) == pytest.approx(0.7 * loss(0.0) + 0.3 * loss(1.0), rel=1e-5)
    assert loss(1.0) > 1.5 * loss(0.0)


def test_a_teacher_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.ckpt: cannot read the checkpoint"):
        build_objective("distillation", {"teachers": [str(tmp_path / "none.ckpt")]})
