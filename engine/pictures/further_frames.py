"""Pictures in a file beside its first, where the decoders do not tell."""

from __future__ import annotations

import struct
from typing import Final

from .metadata.jpeg_segments import segments_of
from .metadata.png_chunks import SIGNATURE, chunks_of
from .metadata.tiff_directory import first_offset, order_of, read_directory

_ENTRIES: Final = 0xB002  # CIPA DC-007, 5.2.3.3
_ENTRY_BYTES: Final = 16
_THUMBNAIL: Final = 0x010000  # class of MP types: large thumbnails, of 5.2.3.3.1
_TYPE: Final = 0xFF0000


def further_frames(file_bytes: bytes) -> int:
    """Number of pictures after the first of an MPO or APNG; previews do not count.

    Parameters
    ----------
    file_bytes
        A whole file of any format.
    """
    if file_bytes.startswith(b"\xff\xd8"):
        for segment in segments_of(file_bytes):
            if segment.code == 0xE2 and segment.payload.startswith(b"MPF\0"):
                return _further_of_index(segment.payload[4:])
    elif file_bytes.startswith(SIGNATURE):
        for kind, body in chunks_of(file_bytes[: 1 << 20]):
            if kind == b"acTL" and len(body) == 8:
                frames: int = struct.unpack_from(">I", body)[0]
                return max(0, min(frames, 1 << 20) - 1)
            if kind == b"IDAT":
                break
    return 0


def _further_of_index(index: bytes) -> int:
    offset = first_offset(index)
    entries = read_directory(index, offset).values.get(_ENTRIES) if offset else None
    if entries is None:
        return 0
    attributes = [
        struct.unpack_from(order_of(index) + "I", entries.data, at)[0]
        for at in range(0, len(entries.data) - _ENTRY_BYTES + 1, _ENTRY_BYTES)
    ]
    return sum(attribute & _TYPE != _THUMBNAIL for attribute in attributes[1:])
