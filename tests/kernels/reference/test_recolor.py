"""The operations on whole pictures: what they promise, whatever their formulas are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from colorize_batch.kernels import reference
from colorize_batch.kernels.reference.colorspace import Float64

LEVELS = np.arange(256, dtype=np.uint8)


def cube(step: int, limit: float) -> tuple[Float64, Float64]:
    """Every pair on a grid of a*, b* within a circle, as two vectors."""
    grid = np.arange(-limit, limit + 1, step)
    a, b = (axis.ravel() for axis in np.meshgrid(grid, grid))
    inside = np.hypot(a, b) <= limit
    return a[inside], b[inside]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_gray_without_colour_comes_back_as_it_was(dtype: type[np.uint8 | np.uint16]) -> None:
    gray = np.arange(np.iinfo(dtype).max + 1, dtype=dtype).reshape(-1, 256)
    merged = reference.merge_ab(gray, np.zeros((2, 3, 5)))
    assert (merged == gray[..., None]).all()


def test_merge_brings_back_the_colours_that_were_taken_out() -> None:
    rgb = np.random.default_rng(7).integers(0, 256, (50, 60, 3), dtype=np.uint8)
    ab = np.moveaxis(reference.lab_from_srgb(rgb / 255)[..., 1:], -1, 0)
    assert (reference.merge_ab(rgb, ab) == rgb).all()


def test_merge_keeps_lightness_also_out_of_gamut() -> None:
    a, b = cube(20, 120)
    gray = np.repeat(np.arange(65536, step=257)[:, None], len(a), axis=1).astype(np.uint16)
    ab = np.broadcast_to(np.stack([a, b])[:, None], (2, *gray.shape))
    lightness = reference.lab_from_srgb(reference.merge_ab(gray, ab) / 65535)[..., 0]
    assert_allclose(lightness, reference.l_from_gray(gray / 65535), atol=0.02)


def test_saturation_scales_chroma_and_keeps_hue_at_the_limit() -> None:
    gray = np.full((1, 1), 30000, np.uint16)
    plain = reference.merge_ab(gray, np.array([10.0, 6.0]).reshape(2, 1, 1), saturation=2)
    assert (plain == reference.merge_ab(gray, np.array([20.0, 12.0]).reshape(2, 1, 1))).all()
    far = reference.merge_ab(gray, np.array([30.0, 40.0]).reshape(2, 1, 1), saturation=1000)
    at_limit = reference.merge_ab(gray, np.array([80.4, 107.2]).reshape(2, 1, 1))
    assert (far == at_limit).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_count_as_no_colour(bad: float) -> None:
    gray = np.full((4, 4), 120, np.uint8)
    assert (reference.merge_ab(gray, np.full((2, 2, 2), bad)) == 120).all()
    assert (reference.chroma_planes(gray, np.full((2, 2, 2), bad)) == 128).all()


def test_chroma_planes_leave_luma_and_fit_the_gamut() -> None:
    """Y', Cb, Cr decode to RGB within 0..255 but for their rounding, so luma survives decoding."""
    a, b = cube(10, 130)
    luma = np.repeat(LEVELS[:, None], len(a), axis=1)
    ab = np.broadcast_to(np.stack([a, b])[:, None], (2, *luma.shape))
    cb, cr = reference.chroma_planes(luma, ab)
    rgb = reference.rgb_from_ycbcr(np.stack([luma, cb, cr], axis=-1))
    assert rgb.min() > -1.0
    assert rgb.max() < 256.0


def test_chroma_planes_give_the_predicted_colour() -> None:
    """The colours of RGB pixels, split into luma and a*, b*, come back within rounding."""
    rgb = np.random.default_rng(8).integers(0, 256, (60, 80, 3)).astype(np.float64)
    luma = np.floor(reference.luma_from_rgb(rgb) + 0.5)
    rgb += (luma - reference.luma_from_rgb(rgb))[..., None]  # of whole luma
    inside = ((rgb >= 0) & (rgb <= 255)).all(axis=-1)
    ab = np.moveaxis(reference.lab_from_srgb(rgb / 255)[..., 1:], -1, 0)
    got = np.moveaxis(reference.chroma_planes(luma.astype(np.uint8), ab), 0, -1)
    expected = reference.ycbcr_from_rgb(rgb)[..., 1:]
    assert np.abs(got - expected)[inside].max() <= 0.5 + 1e-6


@settings(max_examples=30, deadline=None)
@given(
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    small_height=st.integers(1, 9),
    small_width=st.integers(1, 9),
)
def test_any_sizes_fit(height: int, width: int, small_height: int, small_width: int) -> None:
    gray = np.full((height, width), 140, np.uint8)
    ab = np.full((2, small_height, small_width), 15.0)
    for upsample in ("bilinear", "guided"):
        merged = reference.merge_ab(gray, ab, upsample=upsample)
        assert merged.shape == (height, width, 3)
        assert (merged == merged[0, 0]).all()


def test_l_plane_is_l_of_the_average() -> None:
    checkers = np.kron([[0, 1], [1, 0]], np.full((4, 4), 200)).astype(np.uint8)
    assert_allclose(reference.l_plane(checkers, 1, 1), reference.l_from_gray(100 / 255))
    wide = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    assert_allclose(reference.l_plane(wide, 256, 256), reference.l_from_gray(wide / 65535))
