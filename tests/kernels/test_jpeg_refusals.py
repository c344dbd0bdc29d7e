"""Files the coefficient path must not touch: other kinds of JPEG, and damaged ones."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from colorize_batch.errors import MissingDependencyError, PictureError, UnreadableError
from colorize_batch.kernels import jpeg
from colorize_batch.kernels.jpeg import DamagedJpeg, JpegFile, UnsupportedJpeg
from tests.kernels.jpeg_samples import (
    ADOBE,
    APP0,
    APP14,
    COM,
    DQT,
    EOI,
    SOF0,
    cmyk_jpeg,
    colour_jpeg,
    gray_jpeg,
    segments,
    with_segment,
    without,
)

pytest.importorskip("colorize_batch.kernels._jpeg", reason="built without libjpeg-turbo's headers")


def with_frame_byte(file: bytes, offset: int, value: int) -> bytes:
    """A file with one byte of its baseline frame segment changed, counted from the marker."""
    out = bytearray(file)
    out[file.index(b"\xff\xc0") + offset] = value
    return bytes(out)


def in_colour(file: bytes) -> bytes:
    source = JpegFile(file)
    neutral = np.full(source.chroma_size(), 128, np.uint8)
    return source.with_chroma(neutral, neutral)


UNSUPPORTED = {
    "arithmetic": with_frame_byte(gray_jpeg(16, 16), 1, 0xC9),
    "lossless": with_frame_byte(gray_jpeg(16, 16), 1, 0xC3),
    "12 bit": with_frame_byte(gray_jpeg(16, 16), 4, 12),
    "CMYK": cmyk_jpeg(16, 16),
    "RGB": colour_jpeg(16, 16, keep_rgb=True),
    "coded as RGB by Adobe": with_segment(colour_jpeg(16, 16), APP14, ADOBE + b"\0", APP0),
    "subsampled luma": with_frame_byte(colour_jpeg(16, 16, subsampling="4:4:4"), 14, 0x22),
}


@pytest.mark.parametrize("kind", UNSUPPORTED)
def test_other_kinds_are_unsupported(kind: str) -> None:
    with pytest.raises(UnsupportedJpeg, match=r"^expected .*JPEG.*, found .+$"):
        JpegFile(UNSUPPORTED[kind])


def test_scan_bombs_are_unsupported() -> None:
    *before, scan = segments(gray_jpeg(16, 16, progressive=True))
    bomb = with_segment(gray_jpeg(16, 16), COM, b"")[:-2]
    repeated = b"\xff\xda" + (len(scan[1]) + 2).to_bytes(2) + scan[1] + scan[2]
    assert before
    with pytest.raises(UnsupportedJpeg, match="found 101 scans"):
        JpegFile(bomb + 100 * repeated + EOI)


def test_bombs_of_pixels_are_refused_before_they_are_decoded() -> None:
    bomb = with_frame_byte(gray_jpeg(16, 16), 5, 0xF0)  # 61456 rows
    with pytest.raises(DamagedJpeg):
        JpegFile(with_frame_byte(bomb, 7, 0x70))
    with pytest.raises(UnsupportedJpeg, match=r"2\^31 pixels"):
        JpegFile(with_frame_byte(bomb, 7, 0xF0))


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("make", [gray_jpeg, colour_jpeg])
def test_a_file_cut_short_anywhere_is_damaged(make: type, progressive: bool) -> None:
    file = make(40, 56, progressive=progressive)
    for length in [*range(0, len(file), 17), *range(len(file) - 8, len(file))]:
        with pytest.raises(DamagedJpeg):
            in_colour(file[:length])


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + bytes(20),
        without(gray_jpeg(16, 16), SOF0),
        without(gray_jpeg(16, 16), DQT),
        gray_jpeg(16, 16)[:2] + gray_jpeg(16, 16),
        gray_jpeg(16, 16)[:20] + b"\xff\xc0\0\4\0\0" + gray_jpeg(16, 16)[20:],
        with_frame_byte(gray_jpeg(16, 16), 6, 0),  # no rows
        with_frame_byte(gray_jpeg(16, 16), 12, 217),  # no such quantisation table
    ],
)
def test_broken_structure_is_damaged(file: bytes) -> None:
    with pytest.raises(DamagedJpeg, match="JPEG"):
        in_colour(file)


def test_damage_within_a_scan_is_found_by_every_method() -> None:
    file = bytearray(gray_jpeg(64, 64, restart_marker_blocks=4))
    file[file.index(b"\xff\xd3") + 1] = 0xD6  # a restart marker out of its turn
    source = JpegFile(bytes(file))
    neutral = np.full(source.chroma_size(), 128, np.uint8)
    for call in (
        source.luma_for_chroma,
        source.luma_coefficients,
        lambda: source.luma_plane(1, 1),
        lambda: source.luma_plane(64, 64),
        lambda: source.with_chroma(neutral, neutral),
    ):
        with pytest.raises(DamagedJpeg, match=r"^damaged JPEG: "):
            call()


def test_fill_bytes_belong_before_markers_only() -> None:
    """Decoders disagree about one before a stuffed zero, so it must not be copied."""
    file = gray_jpeg(64, 64, restart_marker_blocks=4)
    marker = file.index(b"\xff\xd3")
    allowed = JpegFile(file[:marker] + b"\xff" + file[marker:])
    np.testing.assert_array_equal(allowed.luma_coefficients(), JpegFile(file).luma_coefficients())
    stuffed = file.index(b"\xff\0", file.index(b"\xff\xda"))
    with pytest.raises(DamagedJpeg, match="a fill byte within coded data"):
        JpegFile(file[:stuffed] + b"\xff" + file[stuffed:])


def test_the_failures_belong_to_the_error_tree() -> None:
    assert issubclass(UnsupportedJpeg, PictureError)
    assert not issubclass(UnsupportedJpeg, UnreadableError)
    assert issubclass(DamagedJpeg, UnreadableError)


def test_without_the_native_module_the_need_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jpeg, "_NativeFile", None)
    with pytest.raises(MissingDependencyError, match="libjpeg62-turbo-dev"):
        JpegFile(gray_jpeg(16, 16))


def test_import_without_the_native_module(monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setitem(sys.modules, "colorize_batch.kernels._jpeg", None)
    spec = importlib.util.find_spec("colorize_batch.kernels.jpeg")
    assert spec is not None
    assert spec.loader is not None
    bare = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bare)
    assert bare.AVAILABLE is False
    assert bare.WHY_NOT == "built without libjpeg-turbo's headers"


def test_a_native_module_that_cannot_be_loaded_leaves_the_pixel_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = "colorize_batch.kernels._jpeg"
    library = tmp_path / "_jpeg.so"
    library.write_bytes(b"no library")

    class Finder:
        @staticmethod
        def find_spec(fullname, path=None, target=None):
            if fullname != name:
                return None
            loader = importlib.machinery.ExtensionFileLoader(name, str(library))
            return importlib.util.spec_from_file_location(name, library, loader=loader)

    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    spec = importlib.util.find_spec("colorize_batch.kernels.jpeg")
    assert spec is not None
    assert spec.loader is not None
    bare = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bare)
    assert bare.AVAILABLE is False
    assert "_jpeg.so" in bare.WHY_NOT
