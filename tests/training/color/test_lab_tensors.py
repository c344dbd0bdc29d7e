import numpy as np
import torch

from colorize_batch.kernels.reference import lab_from_srgb as reference_lab
from colorize_batch.training.color.lab_tensors import lab_from_srgb


def test_agrees_with_the_float64_reference() -> None:
    levels = np.linspace(0, 1, 9)
    rgb = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(27, 27, 3)
    batch = torch.from_numpy(rgb).permute(2, 0, 1)[None]

    lab = lab_from_srgb(batch)[0].permute(1, 2, 0).numpy()

    np.testing.assert_allclose(lab, reference_lab(rgb), atol=1e-9)


def test_single_precision_is_near_enough() -> None:
    rgb = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(
        lab_from_srgb(rgb).double(), lab_from_srgb(rgb.double()), atol=2e-3, rtol=0
    )
