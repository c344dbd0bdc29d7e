from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.batch.placed_hints import placed_hints
from colorize_batch.engine.inference.hints import HintPlanes
from colorize_batch.engine.pictures.hint import Hint
from colorize_batch.engine.pictures.preparation.box import WHOLE, Box

HINTS = (Hint(x=0.3, y=0.25, color="#ff0000"), Hint(x=0.9, y=0.9, color="#0000ff"))


def test_hints_of_the_whole_picture_stay() -> None:
    assert placed_hints(HINTS, WHOLE, 0, 300, 400) == HINTS


def test_hints_within_a_part_are_in_its_coordinates_and_others_are_left_out() -> None:
    (hint,) = placed_hints(HINTS, Box(0.2, 0.2, 0.6, 0.6), 0, 400, 400)
    assert (hint.x, hint.y) == pytest.approx((0.25, 0.125))
    assert hint.radius == pytest.approx(2.5 * HINTS[0].radius)


@pytest.mark.parametrize("turn", range(4))
def test_hints_turn_as_planes_do(turn: int) -> None:
    height, width = 60, 80
    still = HintPlanes.of_hints([HINTS[:1]], height, width).mask[0, 0]
    turned = np.rot90(still, turn)
    hints = placed_hints(HINTS[:1], WHOLE, turn, height, width)
    mask = HintPlanes.of_hints([hints], *turned.shape).mask[0, 0]
    # The pixel that a hint lies in may be another where it lies on an edge.
    assert np.abs(np.argwhere(mask).mean(axis=0) - np.argwhere(turned).mean(axis=0)).max() <= 1
