"""Metadata in the segments of a JPEG: read, and put into one."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .exif import LONGEST_IN_JPEG, exif_dpi
from .metadata import Metadata
from .xmp import without_padding

EXIF_HEADER: Final = b"Exif\0\0"
XMP_HEADER: Final = b"http://ns.adobe.com/xap/1.0/\0"
_PHOTOSHOP_HEADER: Final = b"Photoshop 3.0\0"
_IPTC_RESOURCE: Final = b"8BIM\x04\x04"
_APP0, _APP1, _APP13, _COM, _SOS, _EOI = 0xE0, 0xE1, 0xED, 0xFE, 0xDA, 0xD9
_LONGEST: Final = 65533


@dataclass(frozen=True, slots=True)
class JpegSegment:
    """A marker segment before the first scan; `start` and `end` are where it lies."""

    code: int
    payload: bytes
    start: int
    end: int


def segments_of(file_bytes: bytes) -> Iterator[JpegSegment]:
    """The segments before the first scan."""
    at = 2
    while at + 4 <= len(file_bytes) and file_bytes[at] == 0xFF:
        code = file_bytes[at + 1]
        if code == 0xFF:
            at += 1
            continue
        if code in (_SOS, _EOI):
            return
        (length,) = struct.unpack_from(">H", file_bytes, at + 2)
        yield JpegSegment(code, file_bytes[at + 4 : at + 2 + length], at, at + 2 + length)
        at += 2 + length


def jpeg_metadata(file_bytes: bytes) -> Metadata:
    """Read what the segments of a JPEG say."""
    exif = xmp = b""
    photoshop = b""
    comments: list[bytes] = []
    dpi = None
    for segment in segments_of(file_bytes):
        payload = segment.payload
        if segment.code == _APP1 and payload.startswith(EXIF_HEADER):
            exif += payload[len(EXIF_HEADER) :]  # what is too long for one segment goes on
        elif segment.code == _APP1 and payload.startswith(XMP_HEADER) and not xmp:
            xmp = payload[len(XMP_HEADER) :]
        elif segment.code == _APP13 and payload.startswith(_PHOTOSHOP_HEADER):
            photoshop += payload[len(_PHOTOSHOP_HEADER) :]
        elif segment.code == _COM:
            comments.append(payload)
        elif segment.code == _APP0 and payload.startswith(b"JFIF\0") and len(payload) >= 12:
            unit, x, y = struct.unpack_from(">BHH", payload, 7)
            if unit in (1, 2) and x and y:
                each = 2.54 if unit == 2 else 1.0
                dpi = (x * each, y * each)
    return Metadata(
        exif=exif,
        xmp=xmp,
        iptc=iptc_of_photoshop(photoshop),
        comments=tuple(comments),
        dpi=exif_dpi(exif) or dpi,
    )


def with_jpeg_metadata(
    file_bytes: bytes,
    *,
    exif: bytes,
    xmp: bytes,
    iptc: bytes = b"",
    comments: tuple[bytes, ...] = (),
) -> bytes:
    """Put metadata into a JPEG, in place of its EXIF and main XMP packet; all else stays.

    EXIF in several segments, EXIF that no segment can hold, and an XMP packet that stays too long without its padding, are
    left as they were in the file.
    """
    added: list[bytes] = []
    replaced: list[bytes] = []
    parts = sum(
        segment.code == _APP1 and segment.payload.startswith(EXIF_HEADER)
        for segment in segments_of(file_bytes)
    )
    if exif and parts <= 1 and len(exif) <= LONGEST_IN_JPEG:
        added.append(_segment(_APP1, EXIF_HEADER + exif))
        replaced.append(EXIF_HEADER)
    if len(XMP_HEADER + xmp) > _LONGEST:
        xmp = without_padding(xmp)
    if xmp and len(XMP_HEADER + xmp) <= _LONGEST:
        added.append(_segment(_APP1, XMP_HEADER + xmp))
        replaced.append(XMP_HEADER)
    if iptc:
        resource = photoshop_of_iptc(iptc)
        room = _LONGEST - len(_PHOTOSHOP_HEADER)
        added += [
            _segment(_APP13, _PHOTOSHOP_HEADER + resource[start : start + room])
            for start in range(0, len(resource), room)
        ]
    added += [_segment(_COM, comment[:_LONGEST]) for comment in comments]
    kept: list[bytes] = []
    at, insert_at = 0, 2
    for segment in segments_of(file_bytes):
        if segment.code == _APP0 and insert_at == segment.start:
            insert_at = segment.end
        if segment.code == _APP1 and segment.payload.startswith(tuple(replaced) or (b"\0none",)):
            kept.append(file_bytes[at : segment.start])
            at = segment.end
    kept.append(file_bytes[at:])
    # JFIF wants to be first; nothing that is replaced comes before it.
    body = b"".join(kept)
    return body[:insert_at] + b"".join(added) + body[insert_at:]


def iptc_of_photoshop(resources: bytes) -> bytes:
    """The IPTC-IIM block among Photoshop's image resources."""
    return photoshop_resource(resources, 0x0404)


def photoshop_resource(resources: bytes, number: int) -> bytes:
    """One of Photoshop's image resources; empty where it is missing."""
    at = 0
    while at + 12 <= len(resources) and resources[at : at + 4] in (b"8BIM", b"MeSa", b"AgHg"):
        name = resources[at + 6] + 1
        name += name % 2
        (length,) = struct.unpack_from(">I", resources.ljust(at + 12 + name, b"\0"), at + 6 + name)
        start = at + 10 + name
        if int.from_bytes(resources[at + 4 : at + 6]) == number:
            return resources[start : start + length]
        at = start + length + length % 2
    return b""


def photoshop_of_iptc(iptc: bytes) -> bytes:
    """Photoshop's image resource of an IPTC-IIM block."""
    return _IPTC_RESOURCE + b"\0\0" + struct.pack(">I", len(iptc)) + iptc + bytes(len(iptc) % 2)


def with_jfif_density(file_bytes: bytes, dpi: tuple[float, float]) -> bytes:
    """State a resolution in JFIF, in place of the JFIF that a file may begin with."""
    x, y = (min(65535, max(1, round(n))) for n in dpi)
    found = re.match(rb"\xff\xd8\xff\xe0(..)JFIF\0", file_bytes, re.DOTALL)
    rest = 2 if found is None else 4 + int.from_bytes(found[1])
    jfif = _segment(_APP0, b"JFIF\0" + struct.pack(">BBBHHBB", 1, 1, 1, x, y, 0, 0))
    return file_bytes[:2] + jfif + file_bytes[rest:]


def _segment(code: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(payload) + 2) + payload
