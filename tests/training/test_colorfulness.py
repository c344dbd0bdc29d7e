import numpy as np
import pytest
import torch

from colorize_batch.training.color import lab_from_srgb
from colorize_batch.training.colorfulness import mean_colorfulness
from colorize_batch.training.evaluation.metrics import colorfulness


def test_it_is_the_metric_averaged_over_the_batch() -> None:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, size=(3, 24, 20, 3), dtype=np.uint8)
    pictures[1] //= 4
    lab = lab_from_srgb(torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255)
    expected = np.mean([colorfulness(picture) for picture in pictures])
    assert float(mean_colorfulness(lab[:, :1], lab[:, 1:])) == pytest.approx(expected, rel=1e-3)


def test_gray_is_colourless_and_has_a_finite_gradient() -> None:
    l_plane = torch.linspace(0, 100, 64).reshape(1, 1, 8, 8)
    ab_planes = torch.zeros(1, 2, 8, 8, requires_grad=True)
    measured = mean_colorfulness(l_plane, ab_planes)
    assert float(measured.detach()) < 0.1
    measured.backward()
    assert ab_planes.grad is not None
    assert ab_planes.grad.isfinite().all()
