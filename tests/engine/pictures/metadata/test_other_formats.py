from __future__ import annotations

import io
import struct

from PIL import Image

from colorize_batch.engine.pictures.metadata.read_metadata import read_metadata

from . import samples


def resource(number: int, body: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HHI", number, 0, len(body)) + body + bytes(len(body) % 2)


def test_psd() -> None:
    resources = resource(1058, samples.exif()) + resource(1060, samples.XMP)
    resources += resource(1028, samples.IPTC)
    resources += resource(1005, struct.pack(">IHHIHH", 300 << 16, 1, 1, 300 << 16, 1, 1))
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, 1, 1, 1, 8, 1)
    metadata = read_metadata(header + bytes(4) + struct.pack(">I", len(resources)) + resources)
    assert metadata.exif == samples.exif()
    assert metadata.xmp == samples.XMP
    assert metadata.iptc == samples.IPTC
    assert metadata.dpi == (300, 300)


def test_jpeg_2000() -> None:
    file = io.BytesIO()
    Image.fromarray(samples.PHOTO).save(file, "JPEG2000")
    box = bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + samples.XMP
    exif = b"JpgTiffExif->JP2" + samples.exif()
    boxes = b"".join(struct.pack(">I", len(b) + 8) + b"uuid" + b for b in (box, exif))
    metadata = read_metadata(file.getvalue()[:12] + boxes + file.getvalue()[12:])
    assert metadata.xmp == samples.XMP
    assert metadata.exif == samples.exif()


def test_gif() -> None:
    file = io.BytesIO()
    Image.fromarray(samples.PHOTO).save(file, "GIF", xmp=samples.XMP)
    extension = b"!\xff\x0bXMP DataXMP" + samples.XMP + b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    assert read_metadata(file.getvalue()[:-1] + extension + b";").xmp == samples.XMP
    assert read_metadata(b"GIF89a").xmp == b""


def test_files_that_end_early() -> None:
    for head in (b"8BPS", b"8BPS" + bytes(30), b"\0\0\0\x0cjP  ", b"\xff\xd8", b"RIFF"):
        assert read_metadata(head).xmp == b""
