"""A gray profile made into an RGB one, judged by Little CMS through Pillow."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from colorize_batch.kernels.gray_icc import rgb_icc_from_gray
from tests.kernels.jpeg_samples import gray_icc, rgb_icc


def lightness(profile: bytes, mode: str) -> np.ndarray:
    """(256, 3) CIELAB, as 8-bit codes, of the 256 neutral levels under a profile."""
    levels = Image.fromarray(np.arange(256, dtype=np.uint8)[None]).convert(mode)
    lab = ImageCms.createProfile("LAB")
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        lab, mode, "LAB", ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )  # fmt: skip
    result = ImageCms.applyTransform(levels, transform)
    assert result is not None
    return np.asarray(result)[0]


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
def test_neutral_levels_keep_their_lightness(gamma: float) -> None:
    gray = gray_icc(gamma)
    rgb = rgb_icc_from_gray(gray)
    assert rgb is not None
    before, after = lightness(gray, "L").astype(int), lightness(rgb, "RGB").astype(int)
    assert np.ptp(before[:, 0]) == 255
    np.testing.assert_allclose(after[:, 0], before[:, 0], atol=1)
    chroma = (after[:, 1:] + 128) % 256 - 128
    assert np.abs(chroma).max() <= 1


def test_primaries_are_those_of_srgb() -> None:
    rgb = rgb_icc_from_gray(gray_icc())
    assert rgb is not None
    made = ImageCms.ImageCmsProfile(io.BytesIO(rgb)).profile
    srgb = ImageCms.ImageCmsProfile(io.BytesIO(rgb_icc())).profile
    for name in ("red_colorant", "green_colorant", "blue_colorant"):
        np.testing.assert_allclose(getattr(made, name)[0], getattr(srgb, name)[0], atol=2e-4)
    assert made.profile_description == "gray"
    assert made.device_class == "mntr"


def test_tone_curve_is_stored_once_and_the_size_is_right() -> None:
    rgb = rgb_icc_from_gray(gray_icc())
    assert rgb is not None
    assert int.from_bytes(rgb[:4]) == len(rgb)
    assert rgb.count(b"curv") == 1


@pytest.mark.parametrize(
    "icc",
    [
        b"",
        bytes(200),
        rgb_icc(),
        gray_icc()[:131],
        gray_icc().replace(b"kTRC", b"kxxx"),
        gray_icc().replace(b"XYZ ", b"Lab ", 1),
        gray_icc()[:-20],  # the curve lies outside
        gray_icc()[:128] + b"\xff\xff\xff\xff",
    ],
)
def test_what_cannot_be_taken_over_gives_none(icc: bytes) -> None:
    assert rgb_icc_from_gray(icc) is None
