import numpy as np
import torch

from colorize_batch.kernels.reference.colorspace import l_from_gray
from colorize_batch.training.models.gray import srgb_gray_from_l


def test_undoes_the_float64_reference() -> None:
    gray = np.linspace(0, 1, 256)
    l_plane = torch.from_numpy(l_from_gray(gray)).reshape(1, 1, 16, 16)
    np.testing.assert_allclose(srgb_gray_from_l(l_plane).numpy().ravel(), gray, atol=1e-12)


def test_beyond_black_and_white() -> None:
    found = srgb_gray_from_l(torch.tensor([-1.0, 101.0]).reshape(1, 1, 1, 2))
    torch.testing.assert_close(found.flatten(), torch.tensor([0.0, 1.0]))
