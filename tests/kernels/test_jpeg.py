"""Luma out of a JPEG and chroma into it, on files of every kind, against Pillow as the judge."""

from __future__ import annotations

import io
import pathlib
import threading
from typing import get_args

import av
import kornia_rs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from colorize_batch.kernels import jpeg
from colorize_batch.kernels.jpeg import JpegFile, Shrink
from tests.kernels.jpeg_samples import (
    DHT,
    DRI,
    SOF0,
    SOF2,
    SOS,
    colour_jpeg,
    decoded,
    gray_jpeg,
    payloads,
    photograph,
    samples,
    segments,
)
from tests.kernels.jpeg_samples import jpeg as jpeg_file

pytest.importorskip("colorize_batch.kernels._jpeg", reason="built without libjpeg-turbo's headers")

SAMPLES = samples()
SHRINKS: tuple[Shrink, ...] = get_args(Shrink)

Plane = NDArray[np.uint8]


def ramps(size: tuple[int, int]) -> tuple[Plane, Plane]:
    """Two unlike chroma planes of `size`."""
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]]
    cb = 60 + 130 * rows / size[0] + 10 * np.sin(columns / 5)
    cr = 190 - 110 * columns / size[1]
    return cb.astype(np.uint8), cr.astype(np.uint8)


def in_colour(file: bytes, shrink: Shrink = 2) -> bytes:
    source = JpegFile(file)
    return source.with_chroma(*ramps(source.chroma_size(shrink)), shrink=shrink)


def test_available() -> None:
    assert jpeg.AVAILABLE


@pytest.mark.parametrize("shrink", SHRINKS)
@pytest.mark.parametrize("name", SAMPLES)
def test_luma_stays_bit_for_bit(name: str, shrink: Shrink) -> None:
    source = JpegFile(SAMPLES[name])
    written = in_colour(SAMPLES[name], shrink)
    result = JpegFile(written)

    np.testing.assert_array_equal(result.luma_coefficients(), source.luma_coefficients())
    np.testing.assert_array_equal(result.luma_quantization(), source.luma_quantization())
    # The same said by another reader.
    luma = decoded(SAMPLES[name], "L")
    np.testing.assert_array_equal(decoded(written, "L"), luma)
    np.testing.assert_array_equal(decoded(written, "YCbCr")[..., 0], luma)
    assert result.sampling == (((2, 2) if shrink > 1 else (1, 1)), (1, 1), (1, 1))
    assert result.progressive == source.progressive
    assert (result.height, result.width) == (source.height, source.width)


@pytest.mark.parametrize("name", ["gray 113x75", "progressive", "baseline 4:2:0"])
def test_chroma_is_coded_as_pillow_codes_it(name: str) -> None:
    source = JpegFile(SAMPLES[name])
    cb, cr = ramps(source.chroma_size(1))
    written = source.with_chroma(cb, cr, shrink=1, quality=70)

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


def test_progressive_scans_are_copied_not_coded_again() -> None:
    source_scans = [entropy for _, _, entropy in segments(SAMPLES["progressive"]) if entropy]
    scans = [entropy for _, _, entropy in segments(in_colour(SAMPLES["progressive"])) if entropy]
    assert scans[: len(source_scans)] == source_scans


@pytest.mark.parametrize("shrink", SHRINKS)
@pytest.mark.parametrize("name", [name for name in SAMPLES if "progressive" not in name])
def test_sequential_files_have_one_scan_of_all_components(name: str, shrink: Shrink) -> None:
    (header,) = payloads(in_colour(SAMPLES[name], shrink), SOS)
    assert (header[0], header[1:7:2], header[7:]) == (3, b"\1\2\3", b"\0\x3f\0")


def test_luma_words_are_those_of_the_source() -> None:
    """A table of the file's own serves again: nothing is coded anew with another."""
    (source_table,) = [p for p in payloads(SAMPLES["optimised"], DHT) if p[0] == 0x10]
    tables = payloads(in_colour(SAMPLES["optimised"]), DHT)
    assert source_table in tables
    assert sum(table[0] == 0x10 for table in tables) == 1


def test_restarts_follow_the_source() -> None:
    baseline = in_colour(gray_jpeg(75, 113, restart_marker_blocks=5))
    assert payloads(baseline, SOF0)
    assert set(payloads(baseline, DRI)) == {b"\0\2"}  # groups of 2 x 2 blocks, rounded up
    full = in_colour(gray_jpeg(75, 113, restart_marker_blocks=5), shrink=1)
    assert set(payloads(full, DRI)) == {b"\0\5"}
    progressive = in_colour(gray_jpeg(75, 113, progressive=True))
    assert payloads(progressive, SOF2)
    assert not payloads(progressive, DRI)
    interleaved = in_colour(colour_jpeg(75, 113, subsampling="4:2:0", restart_marker_blocks=2))
    assert set(payloads(interleaved, DRI)) == {b"\0\2"}
    assert not payloads(in_colour(gray_jpeg(75, 113)), DRI)


@pytest.mark.parametrize("shrink", SHRINKS)
@pytest.mark.parametrize("optimize", [False, True])
def test_noise_of_every_strength_keeps_its_luma(shrink: Shrink, optimize: bool) -> None:
    """Long words, runs of 0xFF, blocks without an end-of-block word."""
    rng = np.random.default_rng(1)
    for spread, quality in ((3, 30), (60, 75), (127, 100)):
        pixels = rng.integers(128 - spread, 128 + spread, (72, 136), dtype=np.uint8)
        file = jpeg_file(pixels, quality=quality, optimize=optimize)
        written = JpegFile(in_colour(file, shrink))
        np.testing.assert_array_equal(
            written.luma_coefficients(), JpegFile(file).luma_coefficients()
        )


def test_a_table_without_an_end_of_block_is_replaced() -> None:
    """Every block's last coefficient is set, so an optimised table needs no such word."""
    k = np.arange(8)
    wave = np.cos((2 * k + 1) * 7 * np.pi / 16)
    pixels = np.tile(128 + 60 * np.outer(wave, wave) + 20 * wave, (5, 6))
    file = jpeg_file(pixels, quality=100, optimize=True)
    (table,) = [p for p in payloads(file, DHT) if p[0] == 0x10]
    assert 0 not in table[17:]
    np.testing.assert_array_equal(
        JpegFile(in_colour(file)).luma_coefficients(), JpegFile(file).luma_coefficients()
    )


@pytest.mark.parametrize("shrink", SHRINKS)
@pytest.mark.parametrize("name", SAMPLES)
def test_decoders_that_share_no_code_agree(
    name: str, shrink: Shrink, tmp_path: pathlib.Path
) -> None:
    """libjpeg-turbo in Pillow, libavcodec's and Rust's zune-jpeg in kornia_rs."""
    written = in_colour(SAMPLES[name], shrink)
    pillow = decoded(written, "RGB").astype(int)
    luma = decoded(written, "YCbCr")[..., 0].astype(int)

    decoder = av.CodecContext.create("mjpeg", "r")
    (frame,) = decoder.decode(av.Packet(written))
    plane = frame.planes[0]
    theirs = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    theirs = theirs[: frame.height, : frame.width].astype(int)
    assert np.abs(theirs - luma).max() <= 2

    (tmp_path / "x.jpg").write_bytes(written)
    rust = np.asarray(kornia_rs.io.read_image_jpeg(str(tmp_path / "x.jpg"), "rgb")).astype(int)
    weights = np.array([0.299, 0.587, 0.114])
    inside = (pillow.min(axis=2) > 0) & (pillow.max(axis=2) < 255)  # clipping moves luma
    assert np.abs((rust - pillow) @ weights)[inside].max(initial=0) <= 2.5
    assert np.abs(rust - pillow).mean() <= 2


@pytest.mark.parametrize("quality", [1, 10, 50, 75, 92, 100])
def test_quality_is_read_off_the_luma_table(quality: int) -> None:
    file = gray_jpeg(16, 16, quality=quality)
    assert JpegFile(file).quality == quality
    colour = in_colour(file)
    with (
        Image.open(io.BytesIO(colour)) as ours,
        Image.open(io.BytesIO(colour_jpeg(16, 16, quality=quality))) as luma_peer,
        Image.open(io.BytesIO(colour_jpeg(16, 16, quality=max(quality, 85)))) as chroma_peer,
    ):
        assert ours.quantization[0] == luma_peer.quantization[0]
        assert ours.quantization[1] == chroma_peer.quantization[1]


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
        JpegFile(SAMPLES[name]).luma_for_chroma(1), decoded(SAMPLES[name], "L")
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


@pytest.mark.parametrize("size", [(64, 96), (75, 113), (16, 16), (9, 17), (1, 1)])
@pytest.mark.parametrize("quality", [60, 95, 100])
@pytest.mark.parametrize("kind", ["baseline", "progressive", "restarts"])
def test_coarse_chroma_is_the_lower_half_of_the_frequencies(
    size: tuple[int, int], quality: int, kind: str
) -> None:
    height, width = size
    source = JpegFile(
        gray_jpeg(
            height,
            width,
            progressive=kind == "progressive",
            restart_marker_blocks=3 if kind == "restarts" else 0,
        )
    )
    rng = np.random.default_rng(height + quality)
    planes = rng.integers(0, 256, (2, *source.chroma_size(4)), dtype=np.uint8)
    written = source.with_chroma(*planes, shrink=4, quality=quality)
    assert JpegFile(written).sampling == ((2, 2), (1, 1), (1, 1))
    found = chroma_of(written)
    table = np.array(Image.open(io.BytesIO(written)).quantization[1]).reshape(8, 8)
    for plane, decoded_plane in zip(planes, found, strict=True):
        expected = enlarged_by_cosines(plane, table)
        expected = expected[: decoded_plane.shape[0], : decoded_plane.shape[1]]
        # The decoder's own rounding; a coefficient halfway between two steps may go either way.
        off = np.abs(decoded_plane - expected)
        assert np.mean(off > 1.6) < 0.15
        assert off.max() <= 1.6 + table[:4, :4].max() / 4


def chroma_of(file: bytes) -> NDArray[np.float64]:
    """(2, h, w) Cb, Cr of a 4:2:0 file as they are coded; Pillow would enlarge them."""
    decoder = av.CodecContext.create("mjpeg", "r")
    (frame,) = decoder.decode(av.Packet(file))
    assert isinstance(frame, av.VideoFrame)
    rows, columns = -(-frame.height // 2), -(-frame.width // 2)
    return np.stack(
        [
            np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:rows, :columns]
            for plane in frame.planes[1:]
        ]
    ).astype(np.float64)


def enlarged_by_cosines(plane: NDArray[np.uint8], table: NDArray[np.int_]) -> NDArray[np.float64]:
    """The planes that blocks with the quantised DCT of 4x4 samples stand for, twice as large."""
    padded = np.pad(plane, [(0, -n % 4) for n in plane.shape], mode="edge") - 128.0
    out = np.empty([2 * n for n in padded.shape])
    for y in range(0, padded.shape[0], 4):
        for x in range(0, padded.shape[1], 4):
            low = 2 * cosines(4) @ padded[y : y + 4, x : x + 4] @ cosines(4).T
            coefficients = np.zeros((8, 8))
            coefficients[:4, :4] = np.rint(low / table[:4, :4]) * table[:4, :4]
            block = cosines(8).T @ coefficients @ cosines(8)
            out[2 * y : 2 * y + 8, 2 * x : 2 * x + 8] = block
    return np.clip(out + 128, 0, 255)


def cosines(n: int) -> NDArray[np.float64]:
    """The orthonormal DCT-II of `n` values, a row for each frequency."""
    k, x = np.mgrid[:n, :n]
    basis: NDArray[np.float64] = np.cos((2 * x + 1) * k * np.pi / (2 * n)) * np.sqrt(2 / n)
    basis[0] /= np.sqrt(2)
    return basis


def test_options_out_of_range_are_refused() -> None:
    source = JpegFile(gray_jpeg(16, 16))
    plane = np.zeros((8, 8), np.uint8)
    for quality in (0, 101, -3):
        with pytest.raises(ValueError, match=r"quality of 1\.\.100"):
            source.with_chroma(plane, plane, quality=quality)
    for call in (source.chroma_size, source.luma_for_chroma):
        with pytest.raises(ValueError, match="1, 2 or 4 times smaller, found 3"):
            call(3)  # type: ignore[arg-type]


def test_photograph_in_samples_is_not_flat() -> None:
    """Guards the other tests: a flat picture would have next to no coefficients to compare."""
    coefficients = JpegFile(gray_jpeg(75, 113)).luma_coefficients()
    assert coefficients.shape == (10, 15, 64)
    assert np.count_nonzero(coefficients) > 1000
    assert photograph(75, 113).std() > 30


@pytest.mark.parametrize("quality", [5, 15, 40])
def test_chroma_is_not_as_coarse_as_the_luma_of_a_poor_source(quality: int) -> None:
    source = JpegFile(gray_jpeg(96, 128, quality=quality))
    y, x = np.mgrid[:48, :64]
    cb, cr = (
        (128 + 12 * np.sin(x / 9 + y / 7)).astype(np.uint8),
        (128 - 9 * np.cos(x / 8)).astype(np.uint8),
    )
    written = decoded(source.with_chroma(cb, cr), "YCbCr")[::2, ::2, 1:].astype(float)
    assert np.abs(written - np.dstack([cb, cr])).mean() < 1.5
    assert source.with_chroma(cb, cr) == source.with_chroma(cb, cr, quality=85)
    fine = JpegFile(gray_jpeg(96, 128, quality=95))
    assert fine.with_chroma(cb, cr) == fine.with_chroma(cb, cr, quality=95)
