"""ICC profiles as bytes: their tags."""

from __future__ import annotations

import struct
from typing import Final

# ICC.1:2010, 7.2: the header's fields, and 7.3: the tag table behind it.
HEADER_BYTES: Final = 128
SPACE: Final = slice(16, 20)


def icc_tags(icc: bytes) -> dict[bytes, bytes]:
    """Elements of a profile by their tags' signatures; what lies outside the profile is left out.

    Parameters
    ----------
    icc
        A whole ICC profile; damaged ones give what can be read.
    """
    tags: dict[bytes, bytes] = {}
    table = icc[HEADER_BYTES + 4 :]
    count = int.from_bytes(icc[HEADER_BYTES : HEADER_BYTES + 4])
    for i in range(min(count, len(table) // 12)):
        name, offset, length = struct.unpack_from(">4sII", table, 12 * i)
        if length >= 8 and offset + length <= len(icc):
            tags[name] = icc[offset : offset + length]
    return tags
