import math

import numpy as np
import pytest
from numpy.typing import NDArray

from colorize_batch.training.evaluation.bleeding import Bleeding


def halves(softness: float = 0.0) -> NDArray[np.float64]:
    """Dark blue left, bright red right, (100, 200, 3); colours that cross over within `softness` pixels."""
    x = np.arange(200) - 99.5
    share = (x > 0).astype(float) if softness == 0 else np.clip(x / (2 * softness) + 0.5, 0, 1)
    lab = np.zeros((100, 200, 3))
    lab[..., 0] = np.where(x > 0, 80, 30)
    lab[..., 1] = 10 + 30 * share
    lab[..., 2] = -20 + 30 * share
    return lab


def test_the_truth_and_a_paler_picture_do_not_bleed() -> None:
    bleeding = Bleeding(halves())
    assert bleeding.of(halves()) == pytest.approx(0)
    pale = halves() * np.array([1.0, 0.4, 0.4])
    assert bleeding.of(pale) == pytest.approx(0)


def test_colours_that_run_over_the_edge() -> None:
    bleeding = Bleeding(halves())
    little, much = (bleeding.of(halves(softness)) for softness in (2.0, 12.0))
    assert 0.05 < little < much < 1
    # A step of 2 pixels about the edge sees a sixth of what one of 6 sees, where colours change evenly.
    assert bleeding.of(halves(100.0)) == pytest.approx(1 - 1 / 3, abs=0.05)


def test_edges_run_both_ways() -> None:
    turned, soft = (np.swapaxes(halves(softness), 0, 1).copy() for softness in (0.0, 12.0))
    assert Bleeding(turned).of(soft) == pytest.approx(Bleeding(halves()).of(halves(12.0)))


def test_nothing_to_bleed() -> None:
    bleeding = Bleeding(halves())
    assert math.isnan(bleeding.of(halves() * np.array([1.0, 0.0, 0.0])))
    gray = halves() * np.array([1.0, 0.0, 0.0])
    assert math.isnan(Bleeding(gray).of(halves()))
    assert math.isnan(Bleeding(np.full((2, 2, 3), 50.0)).of(np.zeros((2, 2, 3))))
