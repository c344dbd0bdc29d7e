import numpy as np
import pytest
import torch

from colorize_batch.kernels.reference.ciede2000 import ciede2000
from colorize_batch.training.color.color_difference import ciede2000_of_ab


def as_planes(pairs: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> torch.Tensor:
    """(K, 2) a*, b* to (1, 2, K, 1) float32."""
    return torch.from_numpy(pairs.T[None, :, :, None].astype(np.float32))


def test_it_is_ciede2000_at_equal_lightness() -> None:
    rng = np.random.default_rng(0)
    ab_1, ab_2 = rng.uniform(-80, 80, size=(2, 4000, 2))
    ab_1[:500] /= 40  # near gray
    lab_1, lab_2 = (np.insert(ab, 0, 50.0, axis=1) for ab in (ab_1, ab_2))
    expected = ciede2000(lab_1, lab_2)
    measured = ciede2000_of_ab(as_planes(ab_1), as_planes(ab_2)).sqrt().flatten().numpy()
    # The mean of two hues is taken between their directions, which differs where they are opposite.
    assert np.median(np.abs(measured - expected)) < 1e-3
    assert np.mean(np.abs(measured - expected) > 0.05) < 0.01


def test_equal_colours_do_not_differ() -> None:
    colors = as_planes(np.array([[0.0, 0.0], [3.0, -4.0], [60.0, 60.0]]))
    assert ciede2000_of_ab(colors, colors).max() < 1e-5


@pytest.mark.parametrize("true_ab", [(0.0, 0.0), (40.0, 10.0), (-30.0, -60.0)])
def test_gradients_are_finite_and_lead_to_the_true_colour(true_ab: tuple[float, float]) -> None:
    true = torch.tensor(true_ab).reshape(1, 2, 1, 1)
    predicted = torch.zeros(1, 2, 1, 1, requires_grad=True)
    first = float(ciede2000_of_ab(predicted, true).detach())
    optimizer = torch.optim.SGD([predicted], lr=0.5)
    for _ in range(400):
        optimizer.zero_grad()
        ciede2000_of_ab(predicted, true).sum().backward()
        assert predicted.grad is not None
        assert predicted.grad.isfinite().all()
        optimizer.step()
    assert float(ciede2000_of_ab(predicted, true).detach()) <= max(0.02 * first, 1e-3)
