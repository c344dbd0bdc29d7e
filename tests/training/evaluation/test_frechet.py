import numpy as np
import pytest
from scipy.linalg import sqrtm

from colorize_batch.errors import DatasetError
from colorize_batch.training.evaluation.frechet import frechet_distance


def sets(count: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(count)
    mixing = rng.normal(size=(width, width))
    first = rng.normal(size=(count, width)) @ mixing
    second = rng.normal(size=(count + 3, width)) @ mixing * 1.5 + 0.7
    return first, second


@pytest.mark.parametrize(("count", "width"), [(40, 6), (12, 12)])
def test_as_the_formula_says(count: int, width: int) -> None:
    first, second = sets(count, width)
    cov_1, cov_2 = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    root = np.asarray(sqrtm(cov_1 @ cov_2)).real
    offset = first.mean(axis=0) - second.mean(axis=0)
    expected = offset @ offset + np.trace(cov_1 + cov_2 - 2 * root)
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-4)
    assert frechet_distance(second, first) == pytest.approx(frechet_distance(first, second))


def test_fewer_pictures_than_features() -> None:
    first, second = sets(5, 60)
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(first, first + 2) == pytest.approx(60 * 2**2)
    assert frechet_distance(first, second) > 1


def test_spreads_in_one_dimension() -> None:
    """(m_1 - m_2)^2 + (s_1 - s_2)^2 of normal distributions."""
    narrow, wide = np.array([[-1.0], [1.0]]), np.array([[2.0], [8.0]])
    expected = 5**2 + (np.std(wide, ddof=1) - np.std(narrow, ddof=1)) ** 2
    assert frechet_distance(narrow, wide) == pytest.approx(expected)


def test_one_picture_has_no_spread() -> None:
    with pytest.raises(DatasetError, match="at least two pictures, got 1"):
        frechet_distance(np.zeros((1, 3)), np.zeros((2, 3)))
