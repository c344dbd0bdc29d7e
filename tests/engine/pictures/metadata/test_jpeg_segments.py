from __future__ import annotations

import struct

from colorize_batch.engine.pictures.metadata.jpeg_segments import (
    jpeg_metadata,
    segments_of,
    with_jfif_density,
    with_jpeg_metadata,
)

from . import samples


def with_exif_in_parts(jpeg: bytes) -> bytes:
    """A file whose EXIF goes on in a second segment."""
    exif = samples.exif()
    parts = (b"Exif\0\0" + exif[:100], b"Exif\0\0" + exif[100:])
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part for part in parts)
    return jpeg[:2] + segments + jpeg[2:]


def plain() -> bytes:
    stripped = with_jpeg_metadata(samples.full_jpeg(), exif=b"", xmp=b"")
    out, at = b"", 0
    for segment in segments_of(stripped):
        if segment.code == 0xE1:
            out += stripped[at : segment.start]
            at = segment.end
    return out + stripped[at:]


def test_exif_in_several_segments_is_one_block_and_stays() -> None:
    file = with_exif_in_parts(plain())
    assert jpeg_metadata(file).exif == samples.exif()
    written = with_jpeg_metadata(file, exif=samples.exif() + bytes(40), xmp=samples.XMP)
    assert jpeg_metadata(written).exif == samples.exif()
    assert jpeg_metadata(written).xmp == samples.XMP


def test_a_density_is_put_in_and_replaced() -> None:
    once = with_jfif_density(plain(), (150, 300))
    assert jpeg_metadata(once).dpi == (150, 300)
    assert jpeg_metadata(with_jfif_density(once, (72, 72))).dpi == (72, 72)
    assert (
        sum(segment.code == 0xE0 for segment in segments_of(with_jfif_density(once, (72, 72)))) == 1
    )
