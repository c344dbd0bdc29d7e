"""JFIF YCbCr against colour-science and its own inverse."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.testing import assert_allclose

from colorize_batch.kernels.reference import luma_from_rgb, rgb_from_ycbcr, ycbcr_from_rgb

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it tells of optional packages that it does not find
    import colour

RGB = np.random.default_rng(4).uniform(0, 255, (1000, 3))


def test_ycbcr_is_that_of_bt_601_over_the_full_range() -> None:
    expected = colour.RGB_to_YCbCr(
        RGB / 255, K=colour.WEIGHTS_YCBCR["ITU-R BT.601"], out_legal=False, out_bits=8
    )
    assert_allclose(ycbcr_from_rgb(RGB), 255 * expected + [0, 128, 128], atol=1e-9)


def test_there_and_back() -> None:
    assert_allclose(rgb_from_ycbcr(ycbcr_from_rgb(RGB)), RGB, atol=1e-10)


def test_gray_is_neutral() -> None:
    grays = np.repeat(np.arange(256.0)[:, None], 3, axis=1)
    assert_allclose(ycbcr_from_rgb(grays)[:, 1:], 128, atol=1e-10)
    assert_allclose(luma_from_rgb(grays), np.arange(256), atol=1e-10)
