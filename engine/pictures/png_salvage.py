"""A PNG that was cut short, made whole with black in place of what is missing."""

from __future__ import annotations

import struct
import zlib
from typing import Final

from .metadata.png_chunks import SIGNATURE, png_chunk

_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type, PNG 11.2.1
# Adam7, PNG 8.2: first column and row, and the steps across and down.
_PASSES: Final = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)
)  # fmt: skip
_MOST_BYTES: Final = 1 << 33


def completed_png(file_bytes: bytes) -> bytes:
    """Complete a PNG whose data ends early or breaks off.

    What is unpacked of its filtered rows stays; the rest becomes zeros, which are black.

    Parameters
    ----------
    file_bytes
        A file that begins as a PNG.

    Returns
    -------
    bytes
        A whole PNG; empty where there is no header.
    """
    head: list[bytes] = []
    packed = b""
    at = len(SIGNATURE)
    header = b""
    while at + 8 <= len(file_bytes):
        (length,) = struct.unpack_from(">I", file_bytes, at)
        kind, body = file_bytes[at + 4 : at + 8], file_bytes[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            header = body
        if kind == b"IDAT":
            packed += body
        elif not packed and at + 12 + length <= len(file_bytes):
            head.append(png_chunk(kind, body))
        at += 12 + length
    if not file_bytes.startswith(SIGNATURE) or len(header) != 13:
        return b""
    length = _filtered_bytes(header)
    if not 0 < length < _MOST_BYTES:
        return b""
    rows = _unpacked(packed, length)
    data = png_chunk(b"IDAT", zlib.compress(rows + bytes(length - len(rows)), 1))
    return SIGNATURE + b"".join(head) + data + png_chunk(b"IEND", b"")


def _unpacked(packed: bytes, length: int) -> bytes:
    """As much as comes out before the stream ends or breaks."""
    unpacker = zlib.decompressobj()
    rows = bytearray()
    for at in range(0, len(packed), 4096):
        try:
            rows += unpacker.decompress(packed[at : at + 4096], length - len(rows) + 1)
        except zlib.error:
            break
        if len(rows) >= length:
            break
    return bytes(rows[:length])


def _filtered_bytes(header: bytes) -> int:
    width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    bits = depth * _SAMPLES.get(color, 0)

    def size(columns: int, rows: int) -> int:
        return rows * (1 + (columns * bits + 7) // 8) if columns > 0 else 0

    if not interlaced:
        return size(width, height)
    return sum(
        size((width - x + dx - 1) // dx, (height - y + dy - 1) // dy) for x, y, dx, dy in _PASSES
    )
