from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.pictures.preparation.upright import surest_turn


def landscape() -> tuple[np.ndarray, np.ndarray]:
    """L* (96, 96) and a*, b* (2, 48, 48): a light blue sky over dark green and brown land."""
    l_plane = np.full((96, 96), 80, np.float32)
    l_plane[40:] = 35
    ab_planes = np.zeros((2, 48, 48), np.float32)
    ab_planes[1, :20] = -25
    ab_planes[0, 20:], ab_planes[1, 20:] = -12, 25
    ab_planes[0, 34:] = 12
    return l_plane, ab_planes


@pytest.mark.parametrize("turn", range(4))
def test_the_sky_is_turned_up(turn: int) -> None:
    l_plane, ab_planes = landscape()
    # The picture lies turned by `turn` the other way; its colours follow its content.
    planes = [np.rot90(l_plane, k - turn) for k in range(4)]
    predictions = [np.rot90(ab_planes, k - turn, axes=(1, 2)) for k in range(4)]
    assert surest_turn(planes, predictions) == turn


def test_without_a_sign_nothing_is_turned() -> None:
    plane = np.random.default_rng(0).uniform(0, 100, (96, 96)).astype(np.float32)
    planes = [np.rot90(plane, k) for k in range(4)]
    assert surest_turn(planes, [np.zeros((2, 48, 48), np.float32)] * 4) == 0
