from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.pictures.preparation.canvas import resize_planes
from colorize_batch.kernels.reference.resample import area_weights


@pytest.mark.parametrize(
    ("before", "after"),
    [((7, 9), (7, 9)), ((7, 9), (14, 20)), ((20, 9), (7, 30)), ((1, 5), (3, 2)), ((5, 5), (1, 1))],
)
def test_planes_are_resized_as_the_reference_does_it(before, after):
    planes = np.random.default_rng(1).normal(size=(2, *before)).astype(np.float32)
    rows, columns = (area_weights(*sizes) for sizes in zip(before, after, strict=True))
    np.testing.assert_allclose(
        resize_planes(planes, *after), rows @ planes @ columns.T, rtol=0, atol=1e-10
    )
