import math

import pytest
import torch
from torch import Tensor

from colorize_batch.training.color.bin_encoding import rebalancing_weights, soft_encoded
from colorize_batch.training.color.gamut_bins import gamut_bins

BINS = torch.from_numpy(gamut_bins().copy()).float()


def decoded(nearest: Tensor, shares: Tensor) -> Tensor:
    return (BINS[nearest] * shares[..., None]).sum(dim=1).movedim(-1, 1)


def test_a_colour_at_a_bin() -> None:
    """The bin itself, then its four neighbours, by exp(-10² / (2 * 5²)) each."""
    nearest, shares = soft_encoded(torch.tensor([20.0, -30.0]).reshape(1, 2, 1, 1), BINS)
    assert BINS[nearest[0, 0, 0, 0]].tolist() == [20, -30]
    assert {tuple(ab.tolist()) for ab in BINS[nearest[0, 1:, 0, 0]]} == {
        *((10, -30), (30, -30), (20, -20), (20, -40)),
    }
    neighbour = math.exp(-2)
    expected = torch.tensor([1, neighbour, neighbour, neighbour, neighbour]) / (1 + 4 * neighbour)
    torch.testing.assert_close(shares[0, :, 0, 0], expected)


def test_round_trip() -> None:
    """A Gaussian over few bins pulls to their middle, by less than half a step."""
    ab_planes = torch.rand(2, 2, 6, 8, generator=torch.Generator().manual_seed(0)) * 60 - 30
    nearest, shares = soft_encoded(ab_planes, BINS)
    assert nearest.shape == shares.shape == (2, 5, 6, 8)
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(2, 6, 8))
    assert (decoded(nearest, shares) - ab_planes).abs().max() < 5
    inner = BINS[BINS.norm(dim=1) <= 40]  # bins at the border have no neighbour on one side
    at_bins = inner.T[None, :, :, None]
    torch.testing.assert_close(decoded(*soft_encoded(at_bins, BINS)), at_bins, atol=1e-3, rtol=0)


def test_far_outside_of_the_gamut() -> None:
    nearest, shares = soft_encoded(torch.full((1, 2, 1, 1), 500.0), BINS)
    assert shares.isfinite().all()
    assert decoded(nearest, shares).isfinite().all()


def test_weights_are_1_on_average_and_larger_where_colours_are_rare() -> None:
    counts = torch.exp(-BINS.square().sum(dim=1) / (2 * 20**2)) * 1e6
    weights = rebalancing_weights(counts, BINS)
    closeness = torch.exp(-(torch.cdist(BINS, BINS) ** 2) / 50)
    prior = counts / counts.sum() @ (closeness / closeness.sum(dim=1, keepdim=True))
    assert (weights @ prior).item() == pytest.approx(1, rel=1e-4)
    gray = BINS.square().sum(dim=1).argmin()
    # Of a share of almost nothing there stays lambda / Q, and (1 - lambda) p of a large one.
    ratio = (0.5 * prior[gray] + 0.5 / 313) / (0.5 * prior[0] + 0.5 / 313)
    assert (weights[0] / weights[gray]).item() == pytest.approx(ratio.item(), rel=1e-4)
    assert weights.max() < 1.001 * weights[0]


def test_a_uniform_share_of_1_leaves_all_alike() -> None:
    weights = rebalancing_weights(torch.rand(313) + 0.1, BINS, uniform_share=1.0)
    torch.testing.assert_close(weights, torch.ones(313))
