"""Every family learns by its own objective, and turns move whom they should."""

import pytest
import torch
from torch import Tensor, nn
from torch.optim import Adam

from colorize_batch.errors import UsageError
from colorize_batch.training.models import build_model
from colorize_batch.training.models.network import ColorNetwork
from colorize_batch.training.objectives import OBJECTIVES, build_objective
from colorize_batch.training.objectives.objective import Objective

STEPS = 12


def batch_of(side: int) -> dict[str, Tensor]:
    """Two pictures whose colour follows their lightness."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(2, 1, 4, 4, generator=generator) * 80 + 10
    l_plane = nn.functional.interpolate(coarse, size=(side, side), mode="bilinear")
    return {"l_plane": l_plane, "ab_planes": torch.cat([l_plane - 30, 60 - l_plane], dim=1)}


def measured_steps(
    objective: Objective, network: ColorNetwork, batch: dict[str, Tensor], measure: str
) -> list[float]:
    """Train as `Objective` says; `measure` of every step."""
    optimizers = {"network": Adam([p for p in network.parameters() if p.requires_grad], lr=2e-3)}
    if objective.adversary is not None:
        optimizers["adversary"] = Adam(objective.adversary.parameters(), lr=2e-4)
    network.train()
    measures = []
    for _ in range(STEPS):
        for turn in objective.turns(network, batch):
            optimizers[turn.player].zero_grad()
            turn.loss.backward()
            optimizers[turn.player].step()
        measures.append(float((turn.measured | {"loss": turn.loss.detach()})[measure]))
    return measures


@pytest.mark.parametrize(
    ("family", "options", "objective", "objective_options", "measure"),
    [
        ("plain-cnn", {}, "regression", {"loss": "l2"}, "loss"),
        ("encoder-decoder", {}, "regression", {"loss": "l2"}, "loss"),
        ("fusion-lite0", {"classifier_side": 32}, "regression", {"loss": "l2"}, "loss"),
        ("mse-cnn", {"filters": 8, "dropout": 0.0}, "regression", {"loss": "l2"}, "loss"),
        ("lite", {}, "regression", {}, "loss"),
        ("zhang313", {"filters": 8}, "rebalanced-cross-entropy", {}, "cross_entropy"),
        ("base", {}, "rebalanced-cross-entropy", {}, "cross_entropy"),
        ("pix2pix", {"depth": 5, "filters": 8}, "conditional-gan", {"filters": 4}, "l1"),
        (
            *("pix2pix", {"depth": 5, "filters": 8}, "conditional-gan"),
            *({"filters": 4, "criterion": "lsgan"}, "l1"),
        ),
        (
            *("cifar-gan", {"filters": 8}, "conditional-gan"),
            *({"filters": 4, "discriminator": "classifier", "label_smoothing": 0.1}, "l1"),
        ),
    ],
)
def test_families_learn(
    family: str,
    options: dict[str, object],
    objective: str,
    objective_options: dict[str, object],
    measure: str,
) -> None:
    torch.manual_seed(0)
    network = build_model(family, options=options)
    steps = measured_steps(
        build_objective(objective, objective_options), network, batch_of(32), measure
    )
    assert steps[-1] < 0.9 * steps[0], steps


def test_each_turn_reaches_its_player_only() -> None:
    torch.manual_seed(0)
    network = build_model("cifar-gan", options={"filters": 4})
    gan = build_objective("conditional-gan", {"discriminator": "classifier", "filters": 4})
    assert gan.adversary is not None
    players = []
    for turn in gan.turns(network, batch_of(32)):
        network.zero_grad()
        gan.zero_grad()
        turn.loss.backward()
        players.append(turn.player)
        reached = {
            name: any(p.grad is not None for p in module.parameters())
            for name, module in (("network", network), ("adversary", gan.adversary))
        }
        assert reached == {name: name == turn.player for name in reached}
    assert players == ["adversary", "network"]
    assert all(parameter.requires_grad for parameter in gan.parameters())


def test_the_network_faces_the_adversary_that_has_just_moved() -> None:
    torch.manual_seed(0)
    network = build_model("cifar-gan", options={"filters": 4, "dropout": 0.0})
    gan = build_objective(
        "conditional-gan", {"discriminator": "classifier", "filters": 4, "l1_weight": 0.0}
    )
    assert gan.adversary is not None
    turns = gan.turns(network, batch_of(32))
    next(turns)
    logit = gan.adversary.get_parameter("layers.4.bias")
    with torch.no_grad():
        logit.add_(100.0)  # finds everything true
    assert next(turns).loss < 1e-6


def test_label_smoothing_is_one_sided() -> None:
    """An adversary that is right by far loses on true colours alone, in proportion to its logit."""
    torch.manual_seed(0)
    network = build_model("cifar-gan", options={"filters": 4})
    losses = {}
    for smoothing in (0.0, 0.1):
        gan = build_objective(
            "conditional-gan",
            {"discriminator": "classifier", "filters": 4, "label_smoothing": smoothing},
        )
        gan.adversary = AlwaysRight(batch_of(32)["ab_planes"] / 110)
        losses[smoothing] = next(gan.turns(network, batch_of(32))).loss.item()
    assert losses[0.0] == pytest.approx(0, abs=1e-6)
    assert losses[0.1] == pytest.approx(0.1 * 50 / 2, rel=1e-3)


class AlwaysRight(nn.Module):
    """Knows the true colours; logits of 50 and -50."""

    def __init__(self, true: Tensor) -> None:
        super().__init__()
        self.true = true

    def forward(self, lab: Tensor) -> Tensor:
        is_true = torch.equal(lab[:, 1:], self.true)
        return torch.full((len(lab), 1, 1, 1), 50.0 if is_true else -50.0)


def test_bins_that_weigh_alike_need_no_batches() -> None:
    objective = build_objective("rebalanced-cross-entropy", {"uniform_share": 1.0})
    batches = iter([batch_of(32)])
    objective.observe(batches)
    assert len(list(batches)) == 1
    assert torch.equal(objective.state_dict()["bin_weights"], torch.ones(313))


def test_rare_colours_weigh_more_once_observed() -> None:
    objective = build_objective("rebalanced-cross-entropy")
    assert (objective.get_buffer("bin_weights") == 1).all()
    gray = {"l_plane": torch.zeros(2, 1, 32, 32), "ab_planes": torch.zeros(2, 2, 32, 32)}
    red = {"ab_planes": torch.tensor([60.0, 40.0]).reshape(1, 2, 1, 1).expand(1, 2, 8, 8)}
    objective.observe([gray, gray, red])

    bins, weights = objective.get_buffer("bins"), objective.get_buffer("bin_weights")
    at = {tuple(ab): weight for ab, weight in zip(bins.tolist(), weights.tolist(), strict=True)}
    assert at[0, 0] < 0.1 * at[60, 40] < at[60, 40] < at[-80, 80]
    assert "bin_weights" in objective.state_dict()


def test_cross_entropy_needs_bins() -> None:
    objective = build_objective("rebalanced-cross-entropy")
    with pytest.raises(UsageError, match="expected model.family 'zhang313'"):
        next(objective.turns(build_model("plain-cnn"), batch_of(32)))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("hinge", {}, "objective.name 'hinge': expected one of regression"),
        ("regression", {"loss": "l3"}, "'l3': expected one of smooth_l1, l1, l2"),
        ("regression", {"beta": 0.0}, "beta must be positive"),
        ("regression", {"weight": 1}, "unknown option objective.options.weight"),
        ("rebalanced-cross-entropy", {"uniform_share": 1.5}, "uniform_share = 1.5"),
        ("conditional-gan", {"discriminator": "patch"}, "expected one of patch-70, classifier"),
        ("conditional-gan", {"criterion": "wgan"}, "expected one of vanilla, lsgan"),
        ("conditional-gan", {"l1_weight": -1}, "l1_weight = -1"),
        ("conditional-gan", {"label_smoothing": 0.5}, "label_smoothing = 0.5"),
        ("conditional-gan", {"filters": 0}, "filters = 0"),
        ("distillation", {}, r"missing option objective\.options\.teachers"),
        ("distillation", {"teachers": "a.ckpt"}, "teachers must be a list of strings"),
        ("distillation", {"teachers": []}, "expected one checkpoint or more"),
        ("distillation", {"teachers": ["a.ckpt"], "truth_share": 2.0}, "truth_share = 2.0"),
        ("distillation", {"teachers": ["a.ckpt"], "beta": 0.0}, "beta = 0.0"),
    ],
)
def test_wrong_options(name: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build_objective(name, options)


def test_only_the_gan_has_an_adversary() -> None:
    without_teachers = OBJECTIVES.keys() - {"distillation"}
    adversaries = {n for n in without_teachers if build_objective(n).adversary is not None}
    assert adversaries == {"conditional-gan"}
