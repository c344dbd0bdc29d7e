"""The fast global smoother: what holds for any weighted least squares, and its native twin."""

from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.kernels import global_smooth as native
from colorize_batch.kernels.reference import global_smooth as reference

BOTH = pytest.mark.parametrize(
    "smooth", [reference.smooth_globally, native.smooth_globally], ids=["reference", "native"]
)


@BOTH
def test_constant_planes_stay_and_means_are_kept(smooth):
    random = np.random.default_rng(0)
    guide = random.normal(size=(2, 20, 30))
    np.testing.assert_allclose(smooth(np.full((1, 20, 30), 7.0), guide, 1e4), 7, atol=1e-4)
    planes = random.normal(size=(3, 20, 30))
    smoothed = smooth(planes, guide, 300.0)
    np.testing.assert_allclose(smoothed.mean((1, 2)), planes.mean((1, 2)), atol=1e-5)
    assert (smoothed.std((1, 2)) < planes.std((1, 2)) / 2).all()


@BOTH
def test_an_edge_of_the_guide_stops_it(smooth):
    planes = np.zeros((1, 16, 32))
    planes[0, 8, 4] = 1
    flat, edge = np.zeros((1, 16, 32)), np.zeros((1, 16, 32))
    edge[0, :, 16:] = 20
    beyond = smooth(planes, edge, 1e4)[0, :, 16:]
    assert smooth(planes, flat, 1e4)[0, :, 16:].min() > 1e-4
    assert np.abs(beyond).max() < 1e-6


@BOTH
def test_without_strength_nothing_changes(smooth):
    planes = np.random.default_rng(1).normal(size=(2, 5, 7))
    np.testing.assert_allclose(smooth(planes, planes, 0.0), planes, atol=1e-6)


def test_one_line_solves_its_equations():
    """(1 + b[i-1] + b[i]) u[i] - b[i-1] u[i-1] - b[i] u[i+1] = f[i], by a dense solver."""
    random = np.random.default_rng(2)
    line, bonds = random.normal(size=9), random.uniform(0, 50, 8)
    system = np.eye(9)
    for i, bond in enumerate(bonds):
        system[i : i + 2, i : i + 2] += bond * np.array([[1, -1], [-1, 1]])
    solved = reference._solved(line[:, None, None], bonds[:, None])
    np.testing.assert_allclose(solved[:, 0, 0], np.linalg.solve(system, line))


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 1), (23, 31)])
@pytest.mark.parametrize("strength", [1.0, 3000.0, 1e6])
def test_the_native_twin(shape, strength):
    random = np.random.default_rng(3)
    planes, guide = random.normal(size=(3, *shape)), random.normal(size=(2, *shape))
    expected = reference.smooth_globally(planes, guide, strength)
    np.testing.assert_allclose(native.smooth_globally(planes, guide, strength), expected, atol=5e-6)


@pytest.mark.parametrize(
    ("planes", "guide", "strength", "message"),
    [
        ((4, 5), (1, 4, 5), 1.0, r"expected planes and guide of shape \(N, H, W\)"),
        ((1, 4, 5), (1, 5, 4), 1.0, "guide of the planes' height and width"),
        ((1, 4, 5), (1, 4, 5), -1.0, "expected a strength of 0..1e6"),
        ((1, 4, 5), (1, 4, 5), float("nan"), "expected a strength of 0..1e6"),
    ],
)
def test_what_is_refused(planes, guide, strength, message):
    with pytest.raises(ValueError, match=message):
        native.smooth_globally(np.zeros(planes), np.zeros(guide), strength)
