from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.film.color.optical_flow import OpticalFlow

from ..textures import HEIGHT, WIDTH, texture


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (3, 0), (-2, 1), (0, -4)])
def test_finds_a_shift_and_trusts_it(dx, dy):
    wide = texture(7, HEIGHT + 16, 2 * WIDTH)
    before = wide[8 : 8 + HEIGHT, 20 : 20 + WIDTH]
    now = wide[8 - dy : 8 - dy + HEIGHT, 20 - dx : 20 - dx + WIDTH]
    motion = OpticalFlow().motion(np.ascontiguousarray(now), np.ascontiguousarray(before))
    inner = motion.back[8:-8, 8:-8]
    assert np.abs(inner[..., 0] + dx).mean() < 0.35
    assert np.abs(inner[..., 1] + dy).mean() < 0.35
    assert motion.reliable_u8[8:-8, 8:-8].mean() > 0.9
    ramp = np.arange(WIDTH, dtype=np.float32) * np.ones((1, HEIGHT, 1), np.float32)
    moved = motion.carried(ramp)[0]
    assert np.abs(moved - (ramp[0] - dx))[8:-8, 8:-8].mean() < 0.4


def test_carries_planes_of_another_size():
    frame = texture()[:, :WIDTH].copy()
    motion = OpticalFlow().motion(frame, frame)
    planes = np.random.default_rng(0).normal(size=(2, 2 * HEIGHT, 2 * WIDTH)).astype(np.float32)
    np.testing.assert_allclose(motion.carried(planes), planes, atol=1e-4)


def test_does_not_trust_what_is_not_there():
    motion = OpticalFlow().motion(texture(1)[:, :WIDTH].copy(), texture(2)[:, :WIDTH].copy())
    assert motion.reliable_share < 0.4
