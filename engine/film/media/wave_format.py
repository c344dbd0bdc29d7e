"""The WAVEFORMATEX of a sound stream: how AVI, ASF and Matroska describe what has no name in them."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# Codecs with a number of Microsoft's registry (RFC 2361) for which Matroska has no name of its own.
TAGS: Final[Mapping[str, int]] = {
    "adpcm_ms": 0x0002,
    "pcm_alaw": 0x0006,
    "pcm_mulaw": 0x0007,
    "adpcm_ima_wav": 0x0011,
    "adpcm_yamaha": 0x0020,
    "gsm_ms": 0x0031,
    "adpcm_g726": 0x0045,
    "wmav1": 0x0160,
    "wmav2": 0x0161,
    "wmapro": 0x0162,
    "wmalossless": 0x0163,
    "wmavoice": 0x000A,
}
# Matroska's name for sound that is described so.
ACM: Final = "A_MS/ACM"
_HEAD: Final = 1 << 20
_FIXED: Final = struct.Struct("<HHIIHHH")


def wave_format(path: Path, codec: str, channels: int, sample_rate: int) -> bytes:
    """The description that an AVI, ASF or WAV file has of a sound stream.

    It is looked for by what is known of it. FFmpeg reads it too, but its Python binding gives
    neither the size of a block nor that of the whole.

    Returns
    -------
    bytes
        WAVEFORMATEX with what follows it; empty if there is none.
    """
    tag = TAGS.get(codec)
    if tag is None:
        return b""
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    at = head.find(struct.pack("<HHI", tag, channels, sample_rate))
    if at < 0 or at + _FIXED.size > len(head):
        return b""
    extra = _FIXED.unpack_from(head, at)[-1]
    return head[at : at + _FIXED.size + extra]
