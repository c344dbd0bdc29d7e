"""Metadata of every format into every format, as exiftool reads it."""

from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.pictures.formats import FORMATS
from colorize_batch.engine.pictures.look import Look
from colorize_batch.engine.pictures.metadata.provenance import Provenance, is_marked
from colorize_batch.engine.pictures.metadata.read_metadata import read_metadata
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.engine.pictures.reader import open_picture

from . import samples
from .samples import needs_exiftool, tags_of

SOURCES = {
    "jpg": samples.full_jpeg,
    "png": samples.full_png,
    "tiff": samples.full_tiff,
    "webp": samples.full_webp,
    "avif": samples.full_avif,
}
DPI = {"jpg": 300, "png": 300, "tiff": 400, "webp": 300, "avif": 300}
EXIF = {
    "IFD0:ImageDescription": "Harbour, plate 7",
    "IFD0:Make": "FUJIFILM",
    "IFD0:Artist": "City Archive",
    "IFD0:Copyright": "Public domain",
    "ExifIFD:DateTimeOriginal": "1931:05:04 10:11:12",
    "GPS:GPSLatitude": pytest.approx(50.0858, abs=1e-3),
    "FujiFilm:Sharpness": 3,
}
TIFF = {
    "IFD0:ImageDescription": "Aerial view",
    "IFD0:Make": "Zeiss",
    "IFD0:Software": "ScanSuite 4",
    "IFD0:ModifyDate": "2001:09:10 08:00:01",
    "IFD0:Artist": "A. Photographer",
    "IFD0:Copyright": "City Archive",
}
PROVENANCE = Provenance(model_name="tiny", model_sha256="ab" * 32, source_sha256="cd" * 32)


def coloured(source: bytes, target: str, provenance: Provenance | None = None) -> bytes:
    picture_format = FORMATS[target]
    picture = open_picture(source, picture_format=picture_format, options=ReadOptions()).decoded()
    recolored = picture.recolored(np.full((2, 4, 4), 12, np.float32), Look())
    return recolored.encoded(picture_format, 0, provenance)


@needs_exiftool
@pytest.mark.parametrize("provenance", [None, PROVENANCE])
@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", SOURCES)
def test_every_format_into_every_format(source, target, provenance, tmp_path):
    tags = tags_of(coloured(SOURCES[source](), target, provenance), tmp_path)
    for name, value in (TIFF if source == "tiff" else EXIF).items():
        assert tags.get(name) == value, name
    assert tags["XMP-dc:Title"] == "Most přes řeku"
    assert tags.get("IFD0:Orientation", 1) == 1
    if source == "jpg" and target in ("png", "tiff", "jpg"):
        assert "Glass plate 7" in tags.values()
    dpi = {
        value
        for name, value in tags.items()
        if name.endswith(("XResolution", "PixelsPerUnitX")) and "IFD1" not in name
    }
    dpi = {round(value if value < 10_000 else value * 0.0254) for value in dpi}
    assert dpi == {DPI[source]}
    if provenance is not None:
        assert tags["XMP-iptcExt:DigitalSourceType"].endswith(
            "/compositeWithTrainedAlgorithmicMedia"
        )
        assert tags["XMP-xmp:CreatorTool"].startswith("colorize-batch ")
        software = tags["IFD0:Software"]
        assert (
            software == "ScanSuite 4" if source == "tiff" else software.startswith("colorize-batch")
        )


@needs_exiftool
def test_png_text_is_kept_as_it_was(tmp_path):
    tags = tags_of(coloured(samples.full_png(), "png"), tmp_path)
    assert tags["PNG:Title"] == "Brücke"
    assert tags["PNG:Description-cs"] == "most přes řeku"


@pytest.mark.parametrize("target", FORMATS)
def test_outputs_say_that_they_are_colorized(target):
    source = samples.full_jpeg()
    assert not is_marked(read_metadata(source))
    marked = coloured(source, target, PROVENANCE)
    if target == "avif":
        assert PROVENANCE.model_sha256.encode() in marked
    else:
        assert is_marked(read_metadata(marked))
        assert not is_marked(read_metadata(coloured(source, target)))


@pytest.mark.parametrize("target", ["png", "tiff", "webp"])
def test_orientation_is_reset_in_exif_and_xmp_where_pixels_are_turned(target):
    metadata = read_metadata(coloured(samples.full_jpeg(orientation=6), target))
    assert b'tiff:Orientation="1"' in metadata.xmp


def test_a_jpeg_keeps_all_its_segments_and_its_orientation():
    source = samples.full_jpeg(orientation=6)
    written = coloured(source, "jpg")
    before, after = read_metadata(source), read_metadata(written)
    assert (after.xmp, after.iptc, after.comments) == (before.xmp, before.iptc, before.comments)
    assert after.exif == before.exif


@pytest.mark.parametrize(
    ("target", "lost"),
    [("webp", ("IPTC", "JPEG comments")), ("png", ()), ("tiff", ("JPEG comments",))],
)
def test_what_a_format_cannot_hold_is_named(target, lost):
    metadata = read_metadata(samples.full_jpeg())
    assert metadata.lost_in(FORMATS[target]) == lost
