from __future__ import annotations

import itertools

import pytest

from colorize_batch.engine.pictures.preparation.box import WHOLE, Box
from colorize_batch.engine.pictures.preparation.tiles import tiles_of


@pytest.mark.parametrize(("height", "width"), [(300, 400), (400, 300), (100, 299), (500, 500)])
def test_ordinary_pictures_are_one_tile(height: int, width: int) -> None:
    assert tiles_of(WHOLE, height, width) == [WHOLE]


@pytest.mark.parametrize("aspect", [3.2, 4, 6, 10.5])
def test_panoramas_are_covered_by_tiles_that_overlap(aspect: float) -> None:
    wide = tiles_of(Box(0.1, 0.0, 0.9, 1.0), 1000, round(800 * aspect))
    assert wide[0].left == 0
    assert wide[-1].right == pytest.approx(1)
    for one, other in itertools.pairwise(wide):
        assert one.left < other.left < one.right < other.right
        assert (one.top, one.bottom) == (0.1, 0.9)
    tall = tiles_of(Box(0.0, 0.1, 1.0, 0.9), round(800 * aspect), 1000)
    assert [t.top for t in tall] == pytest.approx([w.left for w in wide])
    assert [t.bottom for t in tall] == pytest.approx([w.right for w in wide])
    assert all(1.2 < t.width * aspect < 3 for t in wide)
