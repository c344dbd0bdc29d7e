"""What becomes of a gray file's APPn and COM segments when it is given colour."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from colorize_batch.kernels.jpeg import JpegFile
from tests.kernels.jpeg_samples import (
    ADOBE,
    APP0,
    APP1,
    APP2,
    APP13,
    APP14,
    COM,
    colour_jpeg,
    exif_bytes,
    exif_with_thumbnail,
    gray_icc,
    gray_jpeg,
    payloads,
    rgb_icc,
    segments,
    with_segment,
    without,
)

pytest.importorskip("colorize_batch.kernels._jpeg", reason="built without libjpeg-turbo's headers")


def in_colour(file: bytes) -> bytes:
    source = JpegFile(file)
    size = source.chroma_size()
    return source.with_chroma(np.full(size, 100, np.uint8), np.full(size, 160, np.uint8))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("progressive", [False, True])
def test_exif_stays_and_its_orientation_is_told(orientation: int, progressive: bool) -> None:
    exif = exif_bytes(orientation)
    source = gray_jpeg(40, 30, exif=exif, progressive=progressive)
    assert JpegFile(source).orientation == orientation
    written = in_colour(source)
    assert JpegFile(written).orientation == orientation
    with Image.open(io.BytesIO(written)) as image:
        assert dict(image.getexif()) == {0x0112: orientation, 0x010E: "a description"}


@pytest.mark.parametrize(
    "exif",
    [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff" + bytes(30), b"XX*\0"],
)
def test_broken_exif_is_kept_and_read_as_upright(exif: bytes) -> None:
    source = with_segment(gray_jpeg(16, 16), APP1, b"Exif\0\0" + exif)
    assert JpegFile(source).orientation == 1
    assert payloads(in_colour(source), APP1) == [b"Exif\0\0" + exif]


def test_orientation_out_of_range_is_upright() -> None:
    assert JpegFile(gray_jpeg(16, 16, exif=exif_bytes(9))).orientation == 1


def test_gray_thumbnails_are_cut_off() -> None:
    exif = exif_with_thumbnail()
    source = with_segment(without(gray_jpeg(16, 16), APP0), APP1, exif)
    source = with_segment(source, APP0, b"JFXX\0\x13\1\1\x80\x80\x80")
    source = with_segment(source, APP0, b"JFIF\0\1\2\1\1\x2c\1\x2c\1\1\x80\x80\x80")
    assert JpegFile(source).orientation == 8

    written = in_colour(source)
    assert payloads(written, APP0) == [b"JFIF\0\1\2\1\1\x2c\1\x2c\0\0"]
    [kept] = payloads(written, APP1)
    assert kept == exif.replace(b"\0\0\0\x1a", bytes(4))  # where the next directory lies
    assert JpegFile(written).orientation == 8


def test_other_segments_stay_in_order_and_offsets_to_other_files_go() -> None:
    source = gray_jpeg(16, 16, comment=b"second comment")
    kept = [
        (APP1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"),
        (APP13, b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\0"),
        (APP2, b"something else"),
        (COM, b"first comment"),
    ]
    for code, payload in reversed(kept):
        source = with_segment(source, code, payload)
    source = with_segment(source, APP2, b"MPF\0MM\0*")
    found = [(code, p) for code, p, _ in segments(in_colour(source)) if code >= APP1]
    assert found == [*kept, (COM, b"second comment")]


@pytest.mark.parametrize("transform", [0, 1])
def test_adobe_segment_announces_ycbcr(transform: int) -> None:
    source = with_segment(gray_jpeg(16, 16), APP14, ADOBE + bytes([transform]), APP0)
    written = in_colour(source)
    assert payloads(written, APP14) == [ADOBE + b"\1"]
    assert not payloads(written, APP0)
    with Image.open(io.BytesIO(written)) as image:
        red, green, blue = np.asarray(image).reshape(-1, 3).mean(axis=0)
    assert red > green > blue  # Cb = 100, Cr = 160


def test_jfif_is_written_where_nothing_tells_the_colour_space() -> None:
    written = in_colour(without(gray_jpeg(16, 16), APP0))
    assert payloads(written, APP0) == [b"JFIF\0\1\1\0\0\1\0\1\0\0"]
    only_exif = with_segment(gray_jpeg(16, 16), APP1, exif_bytes(1), APP0)
    assert not payloads(in_colour(only_exif), APP0)


def test_density_stays() -> None:
    with Image.open(io.BytesIO(in_colour(gray_jpeg(16, 16, dpi=(600, 300))))) as image:
        assert image.info["dpi"] == (600, 300)


@pytest.mark.parametrize("make", [gray_jpeg, colour_jpeg])
def test_rgb_profile_stays(make: type) -> None:
    source = make(16, 16, icc_profile=rgb_icc())
    assert JpegFile(source).icc == rgb_icc()
    assert JpegFile(in_colour(source)).icc == rgb_icc()


def test_profile_of_several_chunks_stays() -> None:
    profile = bytearray(rgb_icc()) + np.random.default_rng(0).bytes(150_000)
    profile[:4] = len(profile).to_bytes(4)
    source = gray_jpeg(16, 16, icc_profile=bytes(profile))
    assert len(payloads(source, APP2)) == 3
    assert JpegFile(source).icc == bytes(profile)
    assert JpegFile(in_colour(source)).icc == bytes(profile)


def test_gray_profile_becomes_an_rgb_one() -> None:
    written = in_colour(gray_jpeg(16, 16, icc_profile=gray_icc()))
    assert JpegFile(written).icc[16:20] == b"RGB "


@pytest.mark.parametrize(
    "chunks",
    [
        [b"\1\2" + rgb_icc()],  # the second one is missing
        [b"\1\2" + rgb_icc()[:200], b"\1\2" + rgb_icc()[200:]],
        [b"\0\1" + rgb_icc()],
        [b"\1\1" + bytes(200)],
        [b"\1\1"],
    ],
)
def test_broken_profile_is_left_out(chunks: list[bytes]) -> None:
    source = gray_jpeg(16, 16)
    for chunk in chunks:
        source = with_segment(source, APP2, b"ICC_PROFILE\0" + chunk)
    assert not payloads(in_colour(source), APP2)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("kind", "layout"), [(3, "H2x"), (4, "I")])
def test_orientation_as_short_or_long(order: str, kind: int, layout: str) -> None:
    entry = struct.pack(f"{order}HHI{layout}", 0x0112, kind, 1, 6)
    start = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HI", 42, 8)
    exif = start + struct.pack(f"{order}H", 1) + entry + bytes(4)
    source = with_segment(gray_jpeg(16, 16), APP1, b"Exif\0\0" + exif)
    assert JpegFile(source).orientation == 6
