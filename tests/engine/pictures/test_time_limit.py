"""Hostile pictures whose decoding is stopped, on both paths; each is within every other bound."""

from __future__ import annotations

import time

import numpy as np
import pytest

from colorize_batch.engine.pictures.jpeg_scans import MAX_SCANS, scans_of
from colorize_batch.engine.pictures.pixel_reader import PixelReader
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.engine.pictures.time_limit import current_deadline, time_limit
from colorize_batch.engine.pictures.vips import pyvips
from colorize_batch.errors import TooSlowError, UnreadableError
from tests.engine.pictures.many_scans import jpeg_of_scans

OPTIONS = ReadOptions()


def decode(file_bytes):
    return PixelReader(file_bytes, OPTIONS).decoded()


def png(side):
    noise = np.random.default_rng(1).integers(0, 256, (side, side), np.uint8)
    return pyvips.Image.new_from_array(noise).pngsave_buffer(compression=1)


def seconds_of(call):
    start = time.perf_counter()
    with pytest.raises(TooSlowError):
        call()
    return time.perf_counter() - start


@pytest.mark.parametrize("components", [1, 4])
def test_a_jpeg_of_many_scans_is_stopped_in_libvips(components):
    side = 12_000 if components == 1 else 6_000
    jpeg = jpeg_of_scans(side, side, 96, components)

    def call():
        with time_limit(0.2):
            decode(jpeg)

    assert seconds_of(call) < 2.0  # unlimited it takes many


def test_a_jpeg_of_many_scans_is_stopped_in_the_coefficient_path():
    jpeg = pytest.importorskip("colorize_batch.kernels.jpeg")
    if not jpeg.AVAILABLE:
        pytest.skip(jpeg.WHY_NOT)
    file = jpeg.JpegFile(jpeg_of_scans(12_000, 12_000, 96))

    def call():
        with time_limit(0.2):
            file.luma_plane(256, 256)

    assert seconds_of(call) < 2.0
    with time_limit(60):  # the deadline is gone with its block
        assert jpeg.JpegFile(jpeg_of_scans(64, 64, 9)).luma_plane(8, 8).shape == (8, 8)


def test_libvips_is_stopped_between_regions():
    large = png(5_000)

    def call():
        with time_limit(0.02):
            decode(large)

    seconds_of(call)


def test_a_picture_that_is_quick_enough_is_decoded():
    with time_limit(60):
        assert current_deadline() is not None
        assert decode(png(64)).height == 64
    assert current_deadline() is None


def test_other_errors_stay_what_they_are():
    with pytest.raises(UnreadableError), time_limit(60):
        decode(b"no picture")


def test_over_the_bound_of_scans_nothing_is_decoded():
    too_many = jpeg_of_scans(64, 64, MAX_SCANS + 1)
    with pytest.raises(UnreadableError, match="a JPEG of 101 scans; at most 100 are decoded"):
        decode(too_many)
    assert decode(jpeg_of_scans(64, 64, MAX_SCANS)).width == 64


def test_scans_are_those_of_the_first_picture():
    twenty = jpeg_of_scans(64, 64, 20)
    assert scans_of(twenty) == 20
    thumbnail = b"\xff\xe1\x00\x32" + b"\xff\xda" * 24
    with_thumbnail = twenty[:2] + thumbnail + twenty[2:]
    assert scans_of(with_thumbnail) == 20
    assert scans_of(twenty + twenty) == 20
    small = pyvips.Image.black(16, 16).copy(interpretation="b-w").jpegsave_buffer()
    assert scans_of(small) == 1
