"""Luma out of a JPEG and chroma into it, on files of every kind, against Pillow as the judge."""

from __future__ import annotations

import io
import threading
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from colorize_batch.kernels import jpeg
from colorize_batch.kernels.jpeg import JpegFile
from tests.kernels.jpeg_samples import (
    DRI,
    SOF0,
    SOF2,
    colour_jpeg,
    decoded,
    gray_jpeg,
    payloads,
    photograph,
    samples,
    segments,
)

pytest.importorskip("colorize_batch.kernels._jpeg", reason="built without libjpeg-turbo's headers")

SAMPLES = samples()
SUBSAMPLINGS: tuple[Literal["420", "444"], ...] = ("420", "444")

Plane = NDArray[np.uint8]


def ramps(size: tuple[int, int]) -> tuple[Plane, Plane]:
    """Two unlike chroma planes of `size`."""
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]]
    cb = 60 + 130 * rows / size[0] + 10 * np.sin(columns / 5)
    cr = 190 - 110 * columns / size[1]
    return cb.astype(np.uint8), cr.astype(np.uint8)


def in_colour(file: bytes, subsampling: Literal["420", "444"] = "420") -> bytes:
    source = JpegFile(file)
    return source.with_chroma(*ramps(source.chroma_size(subsampling)), subsampling=subsampling)


def test_available() -> None:
    assert jpeg.AVAILABLE


@pytest.mark.parametrize("subsampling", SUBSAMPLINGS)
@pytest.mark.parametrize("name", SAMPLES)
def test_luma_stays_bit_for_bit(name: str, subsampling: Literal["420", "444"]) -> None:
    source = JpegFile(SAMPLES[name])
    written = in_colour(SAMPLES[name], subsampling)
    result = JpegFile(written)

    np.testing.assert_array_equal(result.luma_coefficients(), source.luma_coefficients())
    np.testing.assert_array_equal(result.luma_quantization(), source.luma_quantization())
    # The same said by another reader.
    luma = decoded(SAMPLES[name], "L")
    np.testing.assert_array_equal(decoded(written, "L"), luma)
    np.testing.assert_array_equal(decoded(written, "YCbCr")[..., 0], luma)
    assert result.sampling == (((2, 2) if subsampling == "420" else (1, 1)), (1, 1), (1, 1))
    assert result.progressive == source.progressive
    assert (result.height, result.width) == (source.height, source.width)


@pytest.mark.parametrize("name", ["gray 113x75", "progressive", "baseline 4:2:0"])
def test_chroma_is_coded_as_pillow_codes_it(name: str) -> None:
    source = JpegFile(SAMPLES[name])
    cb, cr = ramps(source.chroma_size("444"))
    written = source.with_chroma(cb, cr, subsampling="444", quality=70)

    pixels = Image.fromarray(np.stack([decoded(SAMPLES[name], "L"), cb, cr], axis=2), "YCbCr")
    peer = io.BytesIO()
    pixels.save(peer, "JPEG", quality=70, subsampling="4:4:4")

    np.testing.assert_array_equal(
        decoded(written, "YCbCr")[..., 1:], decoded(peer.getvalue(), "YCbCr")[..., 1:]
    )


@pytest.mark.parametrize("size", [(1, 1), (33, 47), (64, 80)])
def test_half_size_chroma_covers_the_picture(size: tuple[int, int]) -> None:
    source = JpegFile(gray_jpeg(*size, quality=95))
    assert source.chroma_size() == (-(-size[0] // 2), -(-size[1] // 2))
    cb, cr = ramps(source.chroma_size())
    chroma = decoded(source.with_chroma(cb, cr), "YCbCr")[::2, ::2, 1:].astype(int)
    np.testing.assert_allclose(chroma, np.stack([cb, cr], axis=2), atol=4)


def test_neutral_chroma_keeps_the_picture_gray() -> None:
    source = JpegFile(SAMPLES["gray 113x75"])
    neutral = np.full(source.chroma_size(), 128, np.uint8)
    with Image.open(io.BytesIO(source.with_chroma(neutral, neutral))) as image:
        rgb = np.asarray(image)
    assert (np.ptp(rgb, axis=2) == 0).all()


def test_output_can_be_the_source_again() -> None:
    once = in_colour(SAMPLES["restarts by blocks"])
    twice = in_colour(once)
    np.testing.assert_array_equal(decoded(twice, "YCbCr"), decoded(once, "YCbCr"))


@pytest.mark.parametrize("name", ["gray 113x75", "progressive", "restarts by rows"])
def test_gray_scans_are_copied_not_coded_again(name: str) -> None:
    source_scans = [entropy for _, _, entropy in segments(SAMPLES[name]) if entropy]
    scans = [entropy for _, _, entropy in segments(in_colour(SAMPLES[name])) if entropy]
    assert scans[: len(source_scans)] == source_scans


def test_coding_process_and_restarts_follow_the_source() -> None:
    baseline = in_colour(gray_jpeg(75, 113, restart_marker_blocks=5))
    assert payloads(baseline, SOF0)
    assert set(payloads(baseline, DRI)) == {b"\0\5"}
    progressive = in_colour(gray_jpeg(75, 113, progressive=True))
    assert payloads(progressive, SOF2)
    assert not payloads(progressive, DRI)
    # An interval of 2 groups of 2 x 2 luma blocks.
    interleaved = in_colour(colour_jpeg(75, 113, subsampling="4:2:0", restart_marker_blocks=2))
    assert set(payloads(interleaved, DRI)) == {b"\0\x08"}


@pytest.mark.parametrize("quality", [1, 10, 50, 75, 92, 100])
def test_quality_is_read_off_the_luma_table(quality: int) -> None:
    file = gray_jpeg(16, 16, quality=quality)
    assert JpegFile(file).quality == quality
    colour = in_colour(file)
    with (
        Image.open(io.BytesIO(colour)) as ours,
        Image.open(io.BytesIO(colour_jpeg(16, 16, quality=quality))) as peer,
    ):
        assert ours.quantization == peer.quantization


def test_header_facts() -> None:
    file = JpegFile(colour_jpeg(61, 83, subsampling="4:2:2", progressive=True))
    assert (file.height, file.width, file.components) == (61, 83, 3)
    assert file.sampling == ((2, 1), (1, 1), (1, 1))
    assert file.progressive
    assert file.orientation == 1
    assert file.icc == b""


@pytest.mark.parametrize(
    ("asked", "eighths"),
    [
        ((1, 1), 1),
        ((10, 15), 1),
        ((11, 1), 2),
        ((1, 16), 2),
        ((20, 30), 4),
        ((41, 1), 8),
        ((81, 113), 8),
        ((1000, 1000), 8),
    ],
)
def test_luma_plane_is_the_smallest_that_suffices(asked: tuple[int, int], eighths: int) -> None:
    plane = JpegFile(gray_jpeg(80, 113)).luma_plane(*asked)
    assert plane.shape == (-(-80 * eighths // 8), -(-113 * eighths // 8))
    assert plane.dtype == np.uint8
    assert not plane.flags.writeable


@pytest.mark.parametrize("name", ["gray 113x75", "progressive", "baseline 4:2:2", "gray 9x7"])
def test_luma_at_full_size_is_pillows(name: str) -> None:
    np.testing.assert_array_equal(
        JpegFile(SAMPLES[name]).luma_for_chroma("444"), decoded(SAMPLES[name], "L")
    )


@pytest.mark.parametrize("shrink", [2, 4, 8])
@pytest.mark.parametrize("size", [(75, 113), (64, 96), (5, 3)])
def test_smaller_luma_is_the_picture_averaged(size: tuple[int, int], shrink: int) -> None:
    source = JpegFile(gray_jpeg(*size, quality=97))
    asked = tuple(-(-n // shrink) for n in size)
    plane = source.luma_plane(*asked).astype(float)
    assert plane.shape == asked
    full = decoded(gray_jpeg(*size, quality=97), "L").astype(float)
    for y, x in np.ndindex(*asked):
        square = full[y * shrink : (y + 1) * shrink, x * shrink : (x + 1) * shrink]
        # A scaled inverse DCT is not exactly a mean of squares, least so where they are cut.
        tolerance = 1.0 if shrink == 8 and square.size == 64 else 16.0
        assert abs(plane[y, x] - square.mean()) <= tolerance


def test_luma_outlives_its_file() -> None:
    plane = JpegFile(gray_jpeg(200, 200)).luma_for_chroma()
    before = plane.copy()
    for _ in range(20):
        JpegFile(gray_jpeg(200, 200, quality=10)).luma_for_chroma()
    np.testing.assert_array_equal(plane, before)


def test_threads_may_share_a_file() -> None:
    source = JpegFile(gray_jpeg(600, 800))
    chroma = ramps(source.chroma_size())
    written: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: written.append(source.with_chroma(*chroma)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(written) == 8
    assert len(set(written)) == 1


def test_chroma_of_another_layout_is_taken() -> None:
    source = JpegFile(gray_jpeg(64, 96))
    cb, cr = ramps(source.chroma_size())
    strided = np.asfortranarray(cb), np.stack([cr, cr], axis=2)[..., 0]
    assert source.with_chroma(*strided) == source.with_chroma(cb, cr)


@pytest.mark.parametrize("size", [(38, 56), (37, 57), (75, 113), (0, 0), (1, 1)])
def test_chroma_of_another_size_is_refused(size: tuple[int, int]) -> None:
    source = JpegFile(gray_jpeg(75, 113))
    right = np.zeros(source.chroma_size(), np.uint8)
    with pytest.raises(ValueError, match="expected chroma planes of 38x57, found one of"):
        source.with_chroma(right, np.zeros(size, np.uint8))


def test_options_out_of_range_are_refused() -> None:
    source = JpegFile(gray_jpeg(16, 16))
    plane = np.zeros((8, 8), np.uint8)
    for quality in (0, 101, -3):
        with pytest.raises(ValueError, match=r"quality of 1\.\.100"):
            source.with_chroma(plane, plane, quality=quality)
    for call in (source.chroma_size, source.luma_for_chroma):
        with pytest.raises(ValueError, match='"420" or "444", found'):
            call("422")  # type: ignore[arg-type]


def test_photograph_in_samples_is_not_flat() -> None:
    """Guards the other tests: a flat picture would have next to no coefficients to compare."""
    coefficients = JpegFile(gray_jpeg(75, 113)).luma_coefficients()
    assert coefficients.shape == (10, 15, 64)
    assert np.count_nonzero(coefficients) > 1000
    assert photograph(75, 113).std() > 30
