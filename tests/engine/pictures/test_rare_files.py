"""Formats that Pillow reads for us, files that are no pictures, and damaged ones."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from colorize_batch.engine.pictures.file_kind import kind_of
from colorize_batch.engine.pictures.formats import FORMATS
from colorize_batch.engine.pictures.look import Look
from colorize_batch.engine.pictures.pixel_reader import PixelReader
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.engine.pictures.reader import open_picture
from colorize_batch.errors import UnreadableError

GRAY = np.tile(np.linspace(10, 240, 48).astype(np.uint8), (32, 1))
SALVAGE = ReadOptions(salvage=True)


def saved(format_name: str, mode: str = "L", **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(GRAY).convert(mode).save(file, format_name, **options)
    return file.getvalue()


def read(file: bytes, options: ReadOptions = ReadOptions()):  # noqa: B008  frozen
    return PixelReader(file, options).decoded()


@pytest.mark.parametrize(
    ("format_name", "mode"),
    [
        ("BMP", "L"), ("BMP", "RGB"), ("PPM", "L"), ("PPM", "RGB"), ("TGA", "L"), ("PCX", "L"),
        ("SGI", "L"), ("JPEG2000", "L"), ("MPO", "RGB"), ("ICO", "RGB"), ("GIF", "L"), ("TGA", "RGB"),
    ],
)  # fmt: skip
def test_formats_that_libvips_lacks(format_name, mode):
    options = {"sizes": [(48, 32)]} if format_name == "ICO" else {}
    picture = read(saved(format_name, mode, **options))
    pixels = picture.pixels if picture.pixels.ndim == 2 else picture.pixels[..., 1]
    assert np.abs(pixels.astype(int) - GRAY).max() <= (8 if format_name == "MPO" else 0)
    assert picture.alpha is None or picture.alpha.min() == 255


def test_sixteen_bits_of_a_pgm():
    deep = (GRAY.astype(np.uint16) * 257)[:4]
    file = b"P5\n# a comment\n48 4\n65535\n" + deep.astype(">u2").tobytes()
    assert np.array_equal(read(file).pixels, deep)


def test_cielab_in_a_tiff_is_read_as_lightness():
    lab = np.dstack([GRAY, np.zeros_like(GRAY), np.zeros_like(GRAY)])
    file = io.BytesIO()
    Image.frombytes("LAB", (48, 32), lab.tobytes()).save(file, "TIFF")
    picture = read(file.getvalue())
    l_plane = picture.l_plane(32, 48)
    assert np.abs(l_plane - GRAY / 255 * 100).max() < 1.2


@pytest.mark.parametrize("compression", ["tiff_lzw", "zstd", "lzma", "group4", "packbits", "jpeg"])
def test_compressions_of_tiff(compression):
    mode = "1" if compression == "group4" else "L"
    picture = read(saved("TIFF", mode, compression=compression))
    if mode == "L":
        assert np.abs(picture.pixels.astype(int) - GRAY).max() <= (
            12 if compression == "jpeg" else 0
        )
    assert picture.pixels.std() > 30


def test_a_fourth_channel_that_is_not_alpha_is_left_out():
    rgbx = np.dstack([GRAY, GRAY, GRAY, GRAY[:, ::-1]])
    file = io.BytesIO()
    Image.fromarray(rgbx, "RGBA").save(file, "TIFF", tiffinfo={338: 0})
    data = bytearray(file.getvalue())
    at = int.from_bytes(data[4:8], "little")
    for entry in range(at + 2, at + 2 + 12 * data[at], 12):
        if int.from_bytes(data[entry : entry + 2], "little") == 338:
            data[entry + 8 : entry + 10] = b"\0\0"
    assert read(bytes(data)).alpha is None


@pytest.mark.parametrize("suffix", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF", "GIF", "BMP"])
def test_pictures_of_one_pixel(suffix):
    file = io.BytesIO()
    Image.new("L", (1, 1), 120).save(file, suffix)
    picture = read(file.getvalue())
    assert (picture.height, picture.width) == (1, 1)


@pytest.mark.parametrize("shape", [(1, 1), (5, 1), (1, 5)])
@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_lines_and_dots_with_alpha_are_coloured(shape, mode):
    file = io.BytesIO()
    Image.new(mode, shape[::-1], 130).save(file, "PNG")
    picture = read(file.getvalue())
    assert picture.l_plane(2, 2).shape == (2, 2)
    written = picture.recolored(np.full((2, 1, 1), 9, np.float32), Look()).encoded(
        FORMATS["png"], 0
    )
    assert read(written).pixels.shape == (*shape, 3)


def test_offsets_beyond_every_file_are_no_directory():
    big = b"II+\0\x08\0\0\0" + b"\xff" * 8
    with pytest.raises(UnreadableError):
        PixelReader(big, ReadOptions())


def test_lossless_webp_stays_lossless():
    picture = read(saved("WEBP", "RGB", lossless=True))
    assert b"VP8L" in picture.encoded(FORMATS["webp"], 0)
    assert b"VP8L" not in read(saved("WEBP", "RGB")).encoded(FORMATS["webp"], 0)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"\n<!DOCTYPE html><html>", "a web page (HTML)"),
        (b"\0\0\0\x20ftypisom\0\0\2\0", "a film (MP4 or MOV)"),
        (b"PK\x03\x04" + bytes(30), "a ZIP archive or an office document"),
        (b"<svg xmlns='x'/>", "an SVG drawing"),
        (b"hello", "a text file"),
        (bytes(50), ""),
    ],
)
def test_what_is_no_picture_is_named(head, kind):
    assert kind_of(head) == kind
    with pytest.raises(
        UnreadableError, match="^not a picture" + (f" but {kind[:6]}" if kind else "")
    ):
        PixelReader(head, ReadOptions())


def cut(file: bytes, share: float, end: bytes = b"") -> bytes:
    return file[: int(len(file) * share)] + end


@pytest.mark.parametrize("share", [0.6, 0.8, 0.95])
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("target", ["jpg", "png"])
def test_a_jpeg_that_lacks_data_is_noticed_though_it_is_closed(share, progressive, target):
    noise = np.random.default_rng(0).integers(0, 256, (64, 96), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "JPEG", progressive=progressive)
    damaged = cut(file.getvalue(), share, b"\xff\xd9")
    with pytest.raises(UnreadableError, match="truncated or damaged"):
        open_picture(damaged, picture_format=FORMATS[target], options=ReadOptions()).decoded()


@pytest.mark.parametrize("suffix", ["JPEG", "PNG", "TIFF"])
def test_salvage_takes_what_can_be_read(suffix):
    rows = np.random.default_rng(1).integers(60, 200, (128, 96), dtype=np.uint8)
    file = io.BytesIO()
    options = {"tiffinfo": {278: 8}, "compression": "tiff_lzw"} if suffix == "TIFF" else {}
    Image.fromarray(rows).save(file, suffix, **options)
    whole = file.getvalue()
    if suffix == "TIFF":  # the directory lies at the end: blank the strips behind the middle
        middle = len(whole) // 2
        damaged = (
            whole[:middle] + bytes(len(whole) * 9 // 10 - middle) + whole[len(whole) * 9 // 10 :]
        )
    else:
        damaged = cut(whole, 0.5)
    with pytest.raises(UnreadableError):
        read(damaged)
    picture = read(damaged, SALVAGE)
    assert picture.salvaged
    assert "damaged" in picture.notes[0]
    near = 40 if suffix == "JPEG" else 0
    assert np.abs(picture.pixels[:24].astype(int) - rows[:24]).mean() <= near


def test_a_kind_that_needs_a_package_says_which(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    monkeypatch.setitem(sys.modules, "pillow_jxl.JpegXLImagePlugin", None)
    with pytest.raises(UnreadableError, match=r"colorize-batch\[jxl\]"):
        PixelReader(b"\xff\x0a" + bytes(60), ReadOptions())


def test_heic_by_its_extra():
    pillow_heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    picture = Image.fromarray(GRAY).convert("RGB")
    pillow_heif.from_pillow(picture).save(file, quality=95)
    assert np.abs(read(file.getvalue()).pixels[..., 1].astype(int) - GRAY).mean() < 3


def test_jpeg_xl_by_its_extra():
    pytest.importorskip("pillow_jxl")
    picture = read(saved("JXL", "RGB", quality=95))
    assert np.abs(picture.pixels[..., 1].astype(int) - GRAY).mean() < 3
