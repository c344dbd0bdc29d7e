import numpy as np
import pytest
import torch

from colorize_batch.training.color.lab_tensors import lab_from_srgb
from colorize_batch.training.dataset.film_response import film_lightness


def recorded(rgb: tuple[float, float, float], films: int = 200) -> np.ndarray:
    """L* of one colour on so many films."""
    patch = torch.tensor(rgb).reshape(3, 1, 1)
    return np.array(
        [
            float(film_lightness(patch, np.random.default_rng(seed))[0, 0, 0])
            for seed in range(films)
        ]
    )


@pytest.mark.parametrize("level", [0.0, 0.2, 0.5, 1.0])
def test_grays_stay_as_they_are(level: float) -> None:
    gray = torch.full((1, 3, 1, 1), level)
    np.testing.assert_allclose(recorded((level,) * 3), float(lab_from_srgb(gray)[0, 0]), atol=0.01)


def test_red_is_darker_and_blue_lighter_than_the_eye_sees_them() -> None:
    colors = {"red": (0.8, 0.1, 0.1), "blue": (0.2, 0.3, 0.9)}
    seen = {
        name: float(lab_from_srgb(torch.tensor(c).reshape(1, 3, 1, 1))[0, 0])
        for name, c in colors.items()
    }
    assert np.median(recorded(colors["red"])) < seen["red"] - 10
    assert np.median(recorded(colors["blue"])) > seen["blue"] + 10


def test_films_differ_and_a_seed_gives_the_same_one() -> None:
    found = recorded((0.7, 0.5, 0.3), films=20)
    assert np.ptp(found) > 5
    np.testing.assert_array_equal(found, recorded((0.7, 0.5, 0.3), films=20))


def test_pictures_keep_their_shape_and_range() -> None:
    picture = torch.rand(3, 7, 5, generator=torch.Generator().manual_seed(0))
    found = film_lightness(picture, np.random.default_rng(0))
    assert found.shape == (1, 7, 5)
    assert 0 <= found.min() <= found.max() <= 100
