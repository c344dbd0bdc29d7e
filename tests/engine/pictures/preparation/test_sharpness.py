from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.pictures.preparation.sharpness import amount_of, blurred, sharpened
from colorize_batch.kernels import cpu

from .scenes import photograph


def test_a_small_copy_comes_nearer_to_the_large_one() -> None:
    u8 = (photograph(576, 576) * 2.55).astype(np.uint8)
    small = (cpu.l_plane(u8, 150, 150) * 2.55).astype(np.uint8)
    large, enlarged = cpu.l_plane(u8, 288, 288), cpu.l_plane(small, 288, 288)
    detail = [np.abs(np.diff(p)).mean() for p in (large, enlarged, sharpened(enlarged, 1.0))]
    assert detail[1] < detail[2] <= 1.2 * detail[0]


def test_what_is_reduced_stays_as_it_is() -> None:
    plane = photograph(64, 64)
    assert amount_of(0.8) == 0
    assert sharpened(plane, 0) is plane
    assert 0 < amount_of(1.2) < amount_of(2) <= amount_of(9)


@pytest.mark.parametrize("sigma", [0.6, 1.0, 2.5])
def test_blur_keeps_the_mean_and_plain_surfaces(sigma: float) -> None:
    plane = photograph(40, 50)
    assert blurred(plane, sigma).mean() == pytest.approx(plane.mean(), rel=0.02)
    flat = np.full((20, 9), 37, np.float32)
    np.testing.assert_allclose(blurred(flat, sigma), 37, rtol=1e-5)
    assert blurred(plane, sigma).std() < plane.std()
