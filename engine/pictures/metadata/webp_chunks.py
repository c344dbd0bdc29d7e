"""Metadata in the chunks of a WebP: read, and put into one."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from .exif import exif_dpi
from .jpeg_segments import EXIF_HEADER
from .metadata import Metadata

_EXIF_FLAG: Final = 0x08
_XMP_FLAG: Final = 0x04
_ALPHA_FLAG: Final = 0x10


def webp_metadata(file_bytes: bytes) -> Metadata:
    """Read what the chunks of a WebP say."""
    exif = xmp = b""
    for kind, body in chunks_of(file_bytes):
        if kind == b"EXIF":
            exif = body.removeprefix(EXIF_HEADER)
        elif kind == b"XMP ":
            xmp = body
    return Metadata(exif=exif, xmp=xmp, dpi=exif_dpi(exif))


def with_webp_metadata(
    file_bytes: bytes, metadata: Metadata, *, height: int, width: int, has_alpha: bool
) -> bytes:
    """Put EXIF and XMP into a WebP that has none (RFC 9649, 2.7)."""
    if not metadata.exif and not metadata.xmp:
        return file_bytes
    flags = 0
    body = b""
    for kind, chunk in chunks_of(file_bytes):
        if kind == b"VP8X":
            flags = chunk[0]
        else:
            body += _chunk(kind, chunk)
    flags |= _ALPHA_FLAG if has_alpha else 0
    if metadata.exif:
        flags |= _EXIF_FLAG
        body += _chunk(b"EXIF", metadata.exif)
    if metadata.xmp:
        flags |= _XMP_FLAG
        body += _chunk(b"XMP ", metadata.xmp)
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = _chunk(b"VP8X", bytes([flags, 0, 0, 0]) + size) + body
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def chunks_of(file_bytes: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, body) of each chunk, as far as they are whole."""
    at = 12
    while at + 8 <= len(file_bytes):
        (length,) = struct.unpack_from("<I", file_bytes, at + 4)
        yield file_bytes[at : at + 4], file_bytes[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
