"""Pictures with all the metadata that archives keep, and what exiftool reads of a file."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from colorize_batch.engine.pictures.metadata.jpeg_segments import with_jpeg_metadata

needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None,
    reason="exiftool (Debian: libimage-exiftool-perl) is not there",
)

XMP = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="ScanSuite" tiff:Orientation="6">'
    b'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Most p\xc5\x99es \xc5\x99eku</rdf:li></rdf:Alt>'
    b"</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>" + b" " * 100 + b'<?xpacket end="w"?>'
)
IPTC = b"\x1c\x02\x78\x00\x0dGlass plate 7" + b"\x1c\x02\x19\x00\x04port"
MAKER_NOTE = (
    b"FUJIFILM\x0c\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", 0x1001, 3, 1, 3) + bytes(4)
)
PHOTO = np.tile(np.linspace(20, 230, 48).astype(np.uint8), (40, 1))


def exif(orientation: int = 1) -> bytes:
    """A TIFF structure with GPS and a maker note."""
    data = Image.Exif()
    data[0x010E] = "Harbour, plate 7"
    data[0x010F] = "FUJIFILM"
    data[0x0112] = orientation
    data[0x011A], data[0x011B], data[0x0128] = 300.0, 300.0, 2
    data[0x013B] = "City Archive"
    data[0x8298] = "Public domain"
    data.get_ifd(0x8769)[0x9003] = "1931:05:04 10:11:12"
    data.get_ifd(0x8769)[0x927C] = MAKER_NOTE
    data.get_ifd(0x8825)[1], data.get_ifd(0x8825)[2] = "N", (50.0, 5.0, 9.0)
    return data.tobytes().removeprefix(b"Exif\0\0")


def full_jpeg(orientation: int = 1) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PHOTO).save(file, "JPEG", quality=92, dpi=(300, 300), comment=b"box 12")
    return with_jpeg_metadata(file.getvalue(), exif=exif(orientation), xmp=XMP, iptc=IPTC)


def full_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Title", "Brücke")  # Latin-1
    info.add_itxt("Description", "most přes řeku", lang="cs")
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    file = io.BytesIO()
    Image.fromarray(PHOTO).save(
        file, "PNG", pnginfo=info, dpi=(300, 300), exif=b"Exif\0\0" + exif()
    )
    return file.getvalue()


def full_tiff() -> bytes:
    tags = {
        270: "Aerial view", 271: "Zeiss", 285: "sheet 7", 269: "Album 3", 305: "ScanSuite 4",
        306: "2001:09:10 08:00:01", 315: "A. Photographer", 33432: "City Archive", 700: XMP,
    }  # fmt: skip
    file = io.BytesIO()
    Image.fromarray(PHOTO).save(file, "TIFF", tiffinfo=tags, dpi=(400, 400), compression="tiff_lzw")
    return file.getvalue()


def full_webp() -> bytes:
    file = io.BytesIO()
    Image.fromarray(PHOTO).convert("RGB").save(file, "WEBP", exif=b"Exif\0\0" + exif(), xmp=XMP)
    return file.getvalue()


def full_avif() -> bytes:
    file = io.BytesIO()
    Image.fromarray(PHOTO).convert("RGB").save(file, "AVIF", exif=b"Exif\0\0" + exif(), xmp=XMP)
    return file.getvalue()


def tags_of(file_bytes: bytes, folder: Path) -> dict[str, Any]:
    """What exiftool reads: "group:name" -> value."""
    path = folder / "file"
    path.write_bytes(file_bytes)
    printed = subprocess.run(
        ["exiftool", "-j", "-n", "-G1", "-a", str(path)], capture_output=True, check=False
    )
    (tags,) = json.loads(printed.stdout)
    return tags
