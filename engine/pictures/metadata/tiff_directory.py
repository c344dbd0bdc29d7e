"""Directories of TIFF files and of EXIF, which is one: read, and laid out again."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8,
                 13: 4, 16: 8, 17: 8, 18: 8}  # fmt: skip  # TIFF 6.0, section 2, and BigTIFF
_UNIT: Final = {5: 4, 10: 4}  # what is swapped in rationals: each of their two numbers
_MOST_ENTRIES: Final = 2000
BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7


@dataclass(frozen=True, slots=True)
class TiffValue:
    """A field: its type of TIFF 6.0, how many, and their bytes in the directory's order."""

    kind: int
    count: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffDirectory:
    """One directory, not those below it.

    Parameters
    ----------
    order
        "<" or ">", as `struct` has it.
    values
        By tag.
    places
        Where in the file each value's bytes begin.
    following
        Offset of the next directory; 0 where there is none.
    """

    order: str
    values: Mapping[int, TiffValue]
    places: Mapping[int, int] = field(default_factory=dict)
    following: int = 0

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Whole numbers of a field; empty where it is missing or of another type."""
        value = self.values.get(tag)
        letter = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}.get(value.kind if value else 0)
        if value is None or letter is None:
            return ()
        return struct.unpack(f"{self.order}{value.count}{letter}", value.data)

    def number(self, tag: int, default: int = 0) -> int:
        """The first of `numbers`."""
        return (self.numbers(tag) or (default,))[0]

    def rational(self, tag: int) -> float | None:
        """A fraction; None where it is missing or has no value."""
        value = self.values.get(tag)
        if value is None or value.kind != RATIONAL or len(value.data) < 8:
            return None
        above, below = struct.unpack_from(f"{self.order}II", value.data)
        return above / below if below else None

    def little_endian(self) -> dict[int, TiffValue]:
        """The values with their bytes in "<" order."""
        if self.order == "<":
            return dict(self.values)
        return {tag: _swapped(value) for tag, value in self.values.items()}


def first_offset(tiff: bytes) -> int:
    """Where the first directory lies; 0 where `tiff` is no TIFF structure."""
    if tiff[:4] in (b"II*\0", b"MM\0*") and len(tiff) >= 8:
        return int(struct.unpack_from(order_of(tiff) + "I", tiff, 4)[0])
    if is_big(tiff) and len(tiff) >= 16:
        return int(struct.unpack_from(order_of(tiff) + "Q", tiff, 8)[0])
    return 0


def order_of(tiff: bytes) -> str:
    """Byte order as `struct` has it."""
    return "<" if tiff[:2] == b"II" else ">"


def is_big(tiff: bytes) -> bool:
    """Whether it is BigTIFF."""
    return tiff[:4] in (b"II+\0", b"MM\0+")


def read_directory(tiff: bytes, offset: int) -> TiffDirectory:
    """Read the directory at an offset; fields that lie outside of the file are left out."""
    order, big = order_of(tiff), is_big(tiff)
    head, each, room = ("Q", 20, 8) if big else ("H", 12, 4)
    values: dict[int, TiffValue] = {}
    places: dict[int, int] = {}
    following = 0
    try:
        (count,) = struct.unpack_from(order + head, tiff, offset)
        start = offset + struct.calcsize(head)
        for entry in range(start, start + each * min(count, _MOST_ENTRIES), each):
            tag, kind = struct.unpack_from(order + "HH", tiff, entry)
            (number,) = struct.unpack_from(order + ("Q" if big else "I"), tiff, entry + 4)
            size = _SIZES.get(kind, 0) * number
            place = entry + each - room
            if size > room:
                (place,) = struct.unpack_from(order + ("Q" if big else "I"), tiff, place)
            data = tiff[place : place + size]
            if size and len(data) == size:
                values[tag], places[tag] = TiffValue(kind, number, data), place
        (following,) = struct.unpack_from(order + ("Q" if big else "I"), tiff, start + each * count)
    except (struct.error, OverflowError):  # what lies outside of the file
        pass
    return TiffDirectory(order=order, values=values, places=places, following=following)


def pages_of(tiff: bytes, most: int = 100_000) -> list[TiffDirectory]:
    """The chain of directories from the first; a circle ends it."""
    pages: list[TiffDirectory] = []
    seen: set[int] = set()
    offset = first_offset(tiff)
    while offset and offset not in seen and len(pages) < most:
        seen.add(offset)
        pages.append(read_directory(tiff, offset))
        offset = pages[-1].following
    return pages


def directory_bytes(values: Mapping[int, TiffValue], at: int, following: int = 0) -> bytes:
    """Lay out a little-endian directory that will stand at an offset, its values behind it."""
    entries, body = struct.pack("<H", len(values)), b""
    body_at = at + 2 + 12 * len(values) + 4
    for tag, value in sorted(values.items()):
        entries += struct.pack("<HHI", tag, value.kind, value.count)
        if len(value.data) <= 4:
            entries += value.data.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", body_at + len(body))
            body += value.data + bytes(len(value.data) % 2)
    return entries + struct.pack("<I", following) + body


def ascii_value(text: bytes) -> TiffValue:
    """A text field, closed by NUL."""
    return TiffValue(ASCII, len(text) + 1, text + b"\0")


def long_value(number: int) -> TiffValue:
    """A field of one LONG."""
    return TiffValue(LONG, 1, struct.pack("<I", number))


def _swapped(value: TiffValue) -> TiffValue:
    unit = _UNIT.get(value.kind, _SIZES.get(value.kind, 1))
    if unit == 1:
        return value
    data = b"".join(value.data[i : i + unit][::-1] for i in range(0, len(value.data), unit))
    return TiffValue(value.kind, value.count, data)
