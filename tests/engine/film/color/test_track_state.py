from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from colorize_batch.engine.film.color.track_state import TrackState

from ..textures import HEIGHT, WIDTH


def state(frame=7, interrupted=None):
    random = np.random.default_rng(frame)
    return TrackState(
        ab_planes=random.normal(size=(2, HEIGHT, WIDTH)).astype(np.float32),
        anchor_u8=random.integers(0, 255, (HEIGHT, WIDTH), np.uint8),
        seen=random.normal(size=(HEIGHT, WIDTH)).astype(np.float32),
        evidence=random.normal(size=(HEIGHT, WIDTH)).astype(np.float32),
        contrasts=(12.5, 13.0),
        left=0.75,
        age=3,
        every=24,
        unseen=0.5,
        frame=frame,
        cuts=(0, 5),
        looks=2,
        interrupted=interrupted,
    )


def assert_same(one, other):
    for name in TrackState.__slots__:
        mine, its = getattr(one, name), getattr(other, name)
        if isinstance(mine, TrackState):
            assert_same(mine, its)
        elif isinstance(mine, np.ndarray):
            np.testing.assert_array_equal(mine, its, strict=True)
        else:
            assert mine == its
            assert type(mine) is type(its)


@pytest.mark.parametrize("interrupted", [None, state(frame=5)])
def test_a_state_is_the_same_after_it_was_kept(tmp_path, interrupted):
    before = state(interrupted=interrupted)
    np.savez(tmp_path / "state.npz", **before.arrays())
    with np.load(tmp_path / "state.npz") as arrays:
        assert_same(TrackState.of_arrays(dict(arrays)), before)


def test_the_first_scene_has_no_cut_before_it():
    before = replace(state(), cuts=(), contrasts=())
    assert_same(TrackState.of_arrays(before.arrays()), before)
