"""Pulling colours into sRGB."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from colorize_batch.kernels.reference import luminance_from_linear, pull_into_gamut
from colorize_batch.kernels.reference.colorspace import Float64
from colorize_batch.kernels.reference.gamut import pull_toward_gray


@pytest.fixture(scope="module")
def wide() -> Float64:
    """(n, 3) linear colours far outside sRGB, of a luminance within 0..1."""
    rgb = np.random.default_rng(2).uniform(-1.5, 2.5, (20000, 3))
    luminance = luminance_from_linear(rgb)
    return rgb[(luminance >= 0) & (luminance <= 1)]


def test_result_is_in_gamut_at_the_same_luminance(wide: Float64) -> None:
    pulled = pull_into_gamut(wide)
    assert pulled.min() >= 0
    assert pulled.max() <= 1
    assert_allclose(luminance_from_linear(pulled), luminance_from_linear(wide), atol=1e-12)


def test_colour_stays_on_its_line_to_gray_and_goes_as_far_as_it_can(wide: Float64) -> None:
    gray = luminance_from_linear(wide)[:, None]
    before, after = wide - gray, pull_into_gamut(wide) - gray
    reach = (before * after).sum(axis=1) / (before**2).sum(axis=1)
    assert_allclose(after, reach[:, None] * before, atol=1e-12)
    at_the_wall = np.minimum(after + gray, 1 - after - gray).min(axis=1) < 1e-12
    assert at_the_wall[reach < 1].all()


def test_colours_inside_are_left_alone() -> None:
    rgb = np.random.default_rng(3).random((1000, 3))
    assert_allclose(pull_into_gamut(rgb), rgb, atol=1e-15)


@pytest.mark.parametrize("gray", [0.0, 1.0])
def test_black_and_white_take_no_colour(gray: float) -> None:
    assert_allclose(pull_toward_gray([gray + 0.2, gray - 0.3, gray], gray), gray)
    assert_allclose(pull_toward_gray([gray] * 3, gray), gray)
