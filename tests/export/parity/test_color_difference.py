import numpy as np
import pytest

from colorize_batch.engine.pictures.pixel_picture import PixelPicture
from colorize_batch.errors import ModelError, UsageError
from colorize_batch.export.parity.color_difference import ColorDifference, ParityBounds
from colorize_batch.export.parity.parity_pictures import ParityPicture


def ab(value, shape=(1, 2, 8, 8)):
    return np.full(shape, value, np.float32)


@pytest.fixture
def pictures():
    gray = PixelPicture(pixels=np.full((16, 16), 128, np.uint8))
    return [ParityPicture(gray=gray, l_batch=np.full((1, 1, 16, 16), 53.6, np.float32))] * 2


def test_largest_and_mean_over_all_pictures():
    found = ab(20.0)
    found[0, 1, 3, 3] = 24
    difference = ColorDifference.of_ab([ab(20), ab(20)], [found, ab(19)])
    assert difference.max_ab == pytest.approx(4)
    assert difference.mean_ab == pytest.approx((4 / 128 + 1) / 2)
    assert np.isnan(difference.mean_ciede2000)


def test_of_finished_pictures(pictures):
    same = ColorDifference.of_pictures(pictures, [ab(20)] * 2, [ab(20)] * 2)
    assert (same.max_ab, same.mean_ab, same.mean_ciede2000) == (0, 0, 0)
    other = ColorDifference.of_pictures(pictures, [ab(20)] * 2, [ab(20), ab(26)])
    # CIEDE2000 of (53.6, 20, 20) and (53.6, 26, 26) is 3.469 by colour-science's implementation;
    # 8 bit pixels move it.
    assert other.mean_ciede2000 == pytest.approx(3.469 / 2, rel=0.03)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_out_of_all_bounds(pictures, bad):
    difference = ColorDifference.of_pictures(pictures, [ab(20)] * 2, [ab(20), ab(bad)])
    bounds = ParityBounds(max_ab=1e30, mean_ab=1e30, mean_ciede2000=1e30)
    assert bounds.share_used(difference) == np.inf
    assert not bounds.allow(difference)


def test_another_shape():
    with pytest.raises(
        ModelError, match=r"expected ab of shape \(1, 2, 8, 8\), got \(1, 3, 8, 8\)"
    ):
        ColorDifference.of_ab([ab(0)], [ab(0, (1, 3, 8, 8))])


def test_each_bound_counts():
    bounds = ParityBounds(max_ab=2, mean_ab=1, mean_ciede2000=0.5)
    within = {"max_ab": 2.0, "mean_ab": 1.0, "mean_ciede2000": 0.5}
    assert bounds.allow(ColorDifference(**within))
    assert bounds.share_used(ColorDifference(max_ab=1, mean_ab=0.25)) == 0.5
    for name, most in within.items():
        assert not bounds.allow(ColorDifference(**within | {name: most * 1.01}))
        with pytest.raises(UsageError, match="expected bounds above 0"):
            ParityBounds(**within | {name: 0.0})
