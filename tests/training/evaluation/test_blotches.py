import math

import numpy as np
import pytest
from numpy.typing import NDArray

from colorize_batch.training.evaluation.blotches import Blotches


@pytest.fixture
def studio_lab() -> NDArray[np.float64]:
    """A plain backdrop above, strong stripes of colour below, (96, 96, 3)."""
    lab = np.zeros((96, 96, 3))
    lab[..., 0] = 60
    lab[..., 1] = 5
    lab[48:, ::2, 1] = 60
    return lab


def cloud(lab: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
    clouded = lab.copy()
    clouded[:48, :, 2] += strength * np.sin(np.arange(96) / 96 * 6 * np.pi)
    return clouded


def test_clouds_on_plain_ground_are_measured_in_ab_units(studio_lab: NDArray[np.float64]) -> None:
    blotches = Blotches(studio_lab)
    assert blotches.of_truth == pytest.approx(0, abs=1e-6)
    assert blotches.of(studio_lab) == pytest.approx(0, abs=1e-6)
    weak, strong = (blotches.of(cloud(studio_lab, strength)) for strength in (4.0, 8.0))
    assert strong == pytest.approx(2 * weak)
    assert 0.5 < weak < 4 / np.sqrt(2)


def test_an_even_cast_is_no_blotch_and_colours_elsewhere_do_not_count(
    studio_lab: NDArray[np.float64],
) -> None:
    blotches = Blotches(studio_lab)
    cast = studio_lab + np.array([0.0, 10.0, -20.0])
    assert blotches.of(cast) == pytest.approx(0, abs=1e-6)
    wild = studio_lab.copy()
    wild[60:, :, 2] = np.random.default_rng(0).normal(0, 30, (36, 96))
    assert blotches.of(wild) == pytest.approx(0, abs=1e-6)


def test_noise_and_texture_are_no_blotches(studio_lab: NDArray[np.float64]) -> None:
    noise = np.random.default_rng(0).normal(0, 4, studio_lab.shape)
    blotches = Blotches(studio_lab)
    assert blotches.of(studio_lab + noise) < 0.5 * 4
    assert blotches.of(cloud(studio_lab, 8.0)) > 0.4 * 8


def test_shadows_are_not_plain() -> None:
    lab = np.zeros((96, 96, 3))
    lab[..., 0] = 50 + 30 * np.sign(np.sin(np.arange(96) / 3))
    assert math.isnan(Blotches(lab).of_truth)
    assert math.isnan(Blotches(lab).of(lab + 1))


def test_small_pictures() -> None:
    lab = np.full((3, 5, 3), 40.0)
    assert Blotches(lab).of(lab) == pytest.approx(0, abs=1e-6)
