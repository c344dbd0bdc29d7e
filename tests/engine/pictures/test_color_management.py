"""Tones and colours as a profile's numbers, or a file's, say."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from colorize_batch.engine.pictures.color_signal import _matrix_profile, stated_profile
from colorize_batch.engine.pictures.formats import FORMATS
from colorize_batch.engine.pictures.pixel_reader import PixelReader
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.engine.pictures.reader import JpegReader, open_picture
from colorize_batch.kernels.srgb_profile import is_near_srgb_profile, is_srgb_profile
from tests.kernels.jpeg_samples import gray_icc

SRGB = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
ADOBE = (0.64, 0.33, 0.21, 0.71, 0.15, 0.06, 0.3127, 0.3290)
CODES = np.linspace(0, 255, 256).astype(np.uint8).reshape(16, 16)


def profile(primaries=SRGB, gamma=1.0) -> bytes:
    made = _matrix_profile(primaries, lambda codes: codes**gamma)
    return made.replace(b"stated\0", b"sRGB!!\0")  # called sRGB all the same


def png(pixels, **chunks) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", icc_profile=chunks.pop("icc", None))
    out = file.getvalue()
    for name, body in chunks.items():
        kind = name.encode()
        chunk = struct.pack(">I", len(body)) + kind + body
        chunk += struct.pack(">I", zlib.crc32(kind + body))
        out = out[:33] + chunk + out[33:]
    return out


def pixels_of(file: bytes):
    return PixelReader(file, ReadOptions()).decoded().pixels


def as_srgb(linear):
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def test_a_profile_counts_by_its_numbers_not_by_its_name():
    real = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert is_srgb_profile(real)
    assert not is_srgb_profile(profile(gamma=1.0))
    assert not is_srgb_profile(profile(gamma=2.2))
    assert is_near_srgb_profile(profile(gamma=2.2))
    assert not is_near_srgb_profile(profile(ADOBE, gamma=2.2))
    assert not is_near_srgb_profile(profile(gamma=1.0))
    swapped = profile(tuple(SRGB[i] for i in (4, 5, 2, 3, 0, 1, 6, 7)), gamma=2.2)
    assert not is_near_srgb_profile(swapped)


def test_linear_light_in_a_png():
    rgb = np.dstack([CODES] * 3)
    expected = as_srgb(CODES / 255)
    for file in (
        png(rgb, icc=profile()),
        png(rgb, gAMA=struct.pack(">I", 100_000)),
        png(CODES, gAMA=struct.pack(">I", 100_000)),
        png(rgb, cICP=bytes([1, 8, 0, 1])),
    ):
        found = pixels_of(file).astype(float)
        assert np.abs(found.reshape(16, 16, -1) - expected[..., np.newaxis]).max() < 3


def test_wide_primaries_in_cicp_keep_gray_gray():
    rgb = np.dstack([CODES] * 3)
    assert np.abs(pixels_of(png(rgb, cICP=bytes([9, 13, 0, 1]))).astype(int) - rgb).max() <= 2
    green = np.full((8, 8, 3), (20, 200, 20), np.uint8)
    found = pixels_of(png(green, cICP=bytes([9, 13, 0, 1])))[0, 0].astype(int)
    assert found[1] > 205


def test_srgb_states_nothing():
    rgb = np.dstack([CODES] * 3)
    assert not stated_profile(png(rgb, gAMA=struct.pack(">I", 45455)))
    assert not stated_profile(png(rgb, sRGB=b"\0", gAMA=struct.pack(">I", 100_000)))
    assert not stated_profile(png(rgb, cICP=bytes([1, 13, 0, 1])))
    assert not stated_profile(b"")


def test_a_gray_profile_is_converted_exactly():
    file = io.BytesIO()
    Image.fromarray(CODES).save(file, "TIFF", icc_profile=gray_icc(gamma=1.8))
    picture = PixelReader(file.getvalue(), ReadOptions()).decoded()
    assert np.abs(picture.pixels - as_srgb((CODES / 255) ** 1.8)).max() <= 1
    assert picture.tag_srgb


@pytest.mark.parametrize(("gamma", "keeps"), [(2.2, True), (1.0, False)])
def test_a_jpeg_keeps_its_luma_where_its_profile_is_near_srgb(gamma, keeps):
    file = io.BytesIO()
    Image.fromarray(CODES).convert("RGB").save(file, "JPEG", icc_profile=profile(gamma=gamma))
    opened = open_picture(file.getvalue(), picture_format=FORMATS["jpg"], options=ReadOptions())
    assert isinstance(opened, JpegReader) is keeps
