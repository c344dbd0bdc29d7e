"""sRGB, XYZ and CIELAB against the colour-science package, whose formulas are independent."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

from colorize_batch.kernels import reference
from colorize_batch.kernels.reference.colorspace import WHITE_XYZ, XYZ_FROM_LINEAR, Float64

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it tells of optional packages that it does not find
    import colour


@pytest.fixture(scope="module")
def srgb() -> Float64:
    """(n, 3) gamma-coded colours: the corners of the cube, its grays, and random ones."""
    corners = np.stack(np.meshgrid([0, 1], [0, 1], [0, 1]), axis=-1).reshape(-1, 3)
    grays = np.repeat(np.linspace(0, 1, 256)[:, None], 3, axis=1)
    return np.concatenate([corners, grays, np.random.default_rng(1).random((2000, 3))])


def test_transfer_function_is_that_of_iec_61966(srgb: Float64) -> None:
    assert_allclose(reference.linear_from_srgb(srgb), colour.models.eotf_sRGB(srgb), atol=1e-7)
    assert_allclose(
        reference.srgb_from_linear(srgb), colour.models.eotf_inverse_sRGB(srgb), atol=1e-7
    )


def test_lab_is_that_of_cie_15(srgb: Float64) -> None:
    xyz = reference.xyz_from_linear(reference.linear_from_srgb(srgb))
    white_xy = colour.XYZ_to_xy(WHITE_XYZ)
    assert_allclose(reference.lab_from_xyz(xyz), colour.XYZ_to_Lab(xyz, white_xy), atol=1e-9)
    lab = reference.lab_from_xyz(xyz)
    assert_allclose(reference.xyz_from_lab(lab), colour.Lab_to_XYZ(lab, white_xy), atol=1e-9)


def test_matrix_is_that_of_the_srgb_primaries() -> None:
    """Within the digits in which standards differ about D65: 0.04 CIELAB units over all colours."""
    primaries = colour.RGB_COLOURSPACES["sRGB"].primaries
    white_xy = colour.XYZ_to_xy(WHITE_XYZ)
    derived = colour.normalised_primary_matrix(primaries, white_xy)
    assert_allclose(XYZ_FROM_LINEAR, derived, atol=1e-7)
    assert_allclose(XYZ_FROM_LINEAR, colour.RGB_COLOURSPACES["sRGB"].matrix_RGB_to_XYZ, atol=3e-4)


def test_srgb_to_lab_and_back(srgb: Float64) -> None:
    assert_allclose(reference.srgb_from_lab(reference.lab_from_srgb(srgb)), srgb, atol=1e-7)


def test_gray_has_no_chroma() -> None:
    levels = np.linspace(0, 1, 256)
    lab = reference.lab_from_srgb(np.repeat(levels[:, None], 3, axis=1))
    assert_allclose(lab[:, 1:], 0, atol=1e-12)
    assert_allclose(reference.l_from_gray(levels), lab[:, 0], atol=1e-12)
    assert lab[0, 0] == pytest.approx(0, abs=1e-12)
    assert lab[-1, 0] == pytest.approx(100, abs=1e-12)


@pytest.mark.parametrize("value", [-0.02, -1e-6])
def test_values_below_black_stay_on_the_straight_part(value: float) -> None:
    assert reference.srgb_from_linear(value) == pytest.approx(12.92 * value)
    assert reference.linear_from_srgb(value) == pytest.approx(value / 12.92)
