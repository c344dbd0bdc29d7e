import numpy as np
import pytest
from skimage.metrics import structural_similarity

from colorize_batch.training.evaluation.ssim import StructuralSimilarity
from tests.training.photos import photo_u8


@pytest.mark.parametrize(("height", "width"), [(120, 90), (11, 40)])
def test_another_implementation_agrees(height: int, width: int) -> None:
    true = photo_u8(height, width, seed=1)
    noise = np.random.default_rng(0).normal(0, 20, true.shape)
    predicted = np.clip(true + noise, 0, 255).astype(np.uint8)
    expected = structural_similarity(
        predicted,
        true,
        channel_axis=2,
        data_range=255,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    assert 0.1 < expected < 0.9
    assert StructuralSimilarity(true).of(predicted) == pytest.approx(expected, abs=1e-9)


def test_equal_pictures_of_any_size() -> None:
    for height, width in ((40, 30), (9, 30), (1, 1)):
        true = photo_u8(height, width, seed=2)
        assert StructuralSimilarity(true).of(true) == pytest.approx(1)


def test_lost_colour_counts() -> None:
    """Averaged over lightness alone this would be 1."""
    true = photo_u8(60, 60, seed=3)
    gray = np.repeat(true.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    assert StructuralSimilarity(true).of(gray) < 0.95
