"""What the engine needs to know of an ICC profile."""

from __future__ import annotations

_TAG_TABLE_OFFSET = 128  # ICC.1:2010, 7.2 and 7.3: header, then the number of tags and the tags


def is_srgb_profile(profile: bytes) -> bool:
    """Whether a profile's description says sRGB, so that pixels need no conversion.

    Parameters
    ----------
    profile
        A whole ICC profile; damaged ones give False.
    """
    if profile[16:20] != b"RGB ":
        return False
    description = _tag(profile, b"desc")
    # Text is ASCII in version 2 profiles and UTF-16 in version 4.
    return b"sRGB" in description or "sRGB".encode("utf-16-be") in description


def _tag(profile: bytes, signature: bytes) -> bytes:
    count = int.from_bytes(profile[_TAG_TABLE_OFFSET : _TAG_TABLE_OFFSET + 4], "big")
    for index in range(min(count, 100)):
        entry = profile[_TAG_TABLE_OFFSET + 4 + 12 * index :][:12]
        if entry[:4] == signature:
            offset = int.from_bytes(entry[4:8], "big")
            return profile[offset : offset + int.from_bytes(entry[8:12], "big")]
    return b""
