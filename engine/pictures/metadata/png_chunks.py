"""Metadata in the chunks of a PNG: read, and put into one."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from .exif import exif_dpi
from .jpeg_segments import iptc_of_photoshop, photoshop_of_iptc
from .metadata import Metadata

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_XMP_KEY: Final = b"XML:com.adobe.xmp\0"
_RAW_KEYS: Final = (b"Raw profile type ",)
_TEXT: Final = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_MOST_BYTES: Final = 16 << 20  # of one text, unpacked
_INCH: Final = 0.0254  # metres


def png_metadata(file_bytes: bytes) -> Metadata:
    """Read what the chunks of a PNG say."""
    exif = xmp = iptc = b""
    text: list[tuple[bytes, bytes]] = []
    dpi = None
    for kind, body in chunks_of(file_bytes):
        if kind == b"eXIf":
            exif = body
        elif kind == b"pHYs" and len(body) == 9:
            x, y, unit = struct.unpack(">IIB", body)
            if unit == 1 and x and y:
                dpi = (x * _INCH, y * _INCH)
        elif kind == b"iTXt" and body.startswith(_XMP_KEY):
            xmp = _international_text(body)
        elif kind in _TEXT and body.startswith(_RAW_KEYS):
            name, raw = _raw_profile(kind, body)
            if name in (b"iptc", b"8bim"):
                iptc = iptc_of_photoshop(raw) or raw
            elif name in (b"exif", b"APP1") and raw.startswith(b"Exif\0\0"):
                exif = exif or raw[6:]
            elif name == b"xmp":
                xmp = xmp or raw
            else:
                text.append((kind, body))
        elif kind in _TEXT:
            text.append((kind, body))
    return Metadata(exif=exif, xmp=xmp, iptc=iptc, png_text=tuple(text), dpi=dpi or exif_dpi(exif))


def with_png_metadata(file_bytes: bytes, metadata: Metadata) -> bytes:
    """Put metadata into a PNG that has none; JPEG comments become a text of that name."""
    chunks: list[tuple[bytes, bytes]] = []
    if metadata.dpi is not None:
        x, y = (max(1, round(n / _INCH)) for n in metadata.dpi)
        chunks.append((b"pHYs", struct.pack(">IIB", x, y, 1)))
    if metadata.exif:
        chunks.append((b"eXIf", metadata.exif))
    if metadata.xmp:
        chunks.append((b"iTXt", _XMP_KEY + bytes(4) + metadata.xmp))
    if metadata.iptc:
        raw = photoshop_of_iptc(metadata.iptc).hex()
        lines = "\n".join(raw[i : i + 72] for i in range(0, len(raw), 72))
        profile = f"\niptc\n{len(raw) // 2:8}\n{lines}\n".encode()
        chunks.append((b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(profile)))
    chunks += [(b"tEXt", b"Comment\0" + comment) for comment in metadata.comments]
    chunks += metadata.png_text
    header_end = len(SIGNATURE) + 25
    rest = b"".join(
        png_chunk(kind, body)
        for kind, body in chunks_of(file_bytes[: len(file_bytes)], start=header_end)
        if kind != b"pHYs"
    )
    return file_bytes[:header_end] + b"".join(png_chunk(*chunk) for chunk in chunks) + rest


def chunks_of(file_bytes: bytes, start: int = len(SIGNATURE)) -> Iterator[tuple[bytes, bytes]]:
    """(kind, body) of each chunk, as far as they are whole."""
    at = start
    while at + 12 <= len(file_bytes):
        (length,) = struct.unpack_from(">I", file_bytes, at)
        if at + 12 + length > len(file_bytes):
            return
        yield file_bytes[at + 4 : at + 8], file_bytes[at + 8 : at + 8 + length]
        at += 12 + length


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """Lay out a chunk with its length and checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _international_text(body: bytes) -> bytes:
    """The text of an iTXt chunk (PNG, 11.3.3.4)."""
    _, _, rest = body.partition(b"\0")
    packed = rest[:1] == b"\1"
    parts = rest[2:].split(b"\0", 2)
    text = parts[2] if len(parts) == 3 else b""
    return _unpacked(text) if packed else text


def _raw_profile(kind: bytes, body: bytes) -> tuple[bytes, bytes]:
    """ImageMagick's way of binary data in text: its name, its length, its bytes in hex."""
    key, _, rest = body.partition(b"\0")
    text = _unpacked(rest[1:]) if kind == b"zTXt" else rest
    if kind == b"iTXt":
        text = _international_text(body)
    found = re.match(rb"\s*(\w+)\s+(\d+)\s+([0-9a-fA-F\s]*)", text)
    if found is None:
        return b"", b""
    digits = re.sub(rb"\s", b"", found[3])
    del key
    return found[1], bytes.fromhex(digits[: len(digits) // 2 * 2].decode())


def _unpacked(text: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(text, _MOST_BYTES)
    except zlib.error:
        return b""
