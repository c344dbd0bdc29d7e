"""Resampling: exact areas, straight lines, and colour that stops at edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from colorize_batch.kernels.reference import resize_area, upsample_bilinear, upsample_guided
from colorize_batch.kernels.reference.resample import area_weights

sizes = st.integers(1, 40)


@settings(deadline=None)
@given(size_in=sizes, size_out=sizes)
def test_weights_of_each_output_sum_to_one(size_in: int, size_out: int) -> None:
    weights = area_weights(size_in, size_out)
    assert weights.min() >= 0
    assert_allclose(weights.sum(axis=1), 1, atol=1e-12)


@settings(deadline=None)
@given(size_out=sizes, more=sizes)
def test_every_input_counts_the_same_on_the_way_down(size_out: int, more: int) -> None:
    size_in = size_out + more
    weights = area_weights(size_in, size_out)
    assert_allclose(weights.sum(axis=0), size_out / size_in, atol=1e-12)


def test_whole_boxes_are_their_means() -> None:
    picture = np.random.default_rng(5).random((12, 20, 3))
    expected = picture.reshape(4, 3, 5, 4, 3).mean(axis=(1, 3))
    assert_allclose(resize_area(picture, 4, 5), expected, atol=1e-12)


def test_partial_cells_count_by_their_share() -> None:
    assert_allclose(resize_area([[0.0, 3.0, 9.0]], 1, 2), [[1.0, 7.0]])


def test_growing_axis_is_interpolated() -> None:
    assert_allclose(resize_area([[0.0, 4.0]], 1, 4), [[0, 1, 3, 4]])


def test_bilinear_keeps_a_ramp_away_from_the_border() -> None:
    ramp = np.arange(8.0)[None, :].repeat(8, axis=0)
    large = upsample_bilinear(ramp, 40, 40)
    centres = (np.arange(40) + 0.5) / 5 - 0.5
    assert_allclose(large[0], np.clip(centres, 0, 7), atol=1e-12)


@pytest.mark.parametrize("value", [-30.0, 0.0, 12.0])
def test_guided_leaves_flat_colour_flat(value: float) -> None:
    guide = np.random.default_rng(6).random((60, 80))
    large = upsample_guided(np.full((2, 6, 8), value), guide)
    assert_allclose(large, value, atol=1e-9)


def test_guided_puts_a_colour_edge_where_the_guide_has_its_own() -> None:
    """An edge in the middle of a cell: bilinear bleeds across it, guided hardly does."""
    guide = np.full((96, 96), 0.2)
    guide[:, 44:] = 0.8
    truth = 40 * (guide - 0.5)
    small = resize_area(truth, 12, 12)[None]
    bled = np.abs(upsample_bilinear(small, 96, 96)[0] - truth)
    guided = np.abs(upsample_guided(small, guide)[0] - truth)
    assert guided.mean() < bled.mean() / 3
    assert guided.max() < bled.max() / 3
