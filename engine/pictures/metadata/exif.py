"""EXIF that stays as it is, byte for byte, but for what is no longer true of the picture.

What is added goes to the end of the block and nothing that was there moves, because maker notes hold
offsets that only their maker knows.
"""

from __future__ import annotations

import struct
from typing import Final

from .tiff_directory import (
    LONG,
    RATIONAL,
    SHORT,
    TiffDirectory,
    TiffValue,
    ascii_value,
    directory_bytes,
    first_offset,
    long_value,
    order_of,
    read_directory,
)

ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 0x0112, 0x011A, 0x011B, 0x0128
SOFTWARE, EXIF_IFD, GPS_IFD, INTEROP_IFD = 0x0131, 0x8769, 0x8825, 0xA005
_PIXEL_WIDTH, _PIXEL_HEIGHT = 0xA002, 0xA003
# Fields of a TIFF's first directory that tell of the picture and not of how it is stored. DocumentName,
# PageName and HostComputer are TIFF's; EXIF readers know them too.
DESCRIPTIVE: Final = frozenset(
    {0x010D, 0x010E, 0x010F, 0x0110, 0x011D, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298, 0x9C9B,
     0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT, 0x4746, 0x4749,
     0xC614, 0x9003, 0x9004, 0x882A, 0x9216}
)  # fmt: skip
LONGEST_IN_JPEG: Final = 65533 - 6


def orientation_of(exif: bytes) -> int:
    """The orientation 1..8; 1 where there is none."""
    value = _first(exif).number(ORIENTATION, 1)
    return value if 1 <= value <= 8 else 1


def dpi_of(directory: TiffDirectory) -> tuple[float, float] | None:
    """Dots per inch that a directory states; None where it states none or only a ratio."""
    x, y = directory.rational(X_RESOLUTION), directory.rational(Y_RESOLUTION)
    unit = directory.number(RESOLUTION_UNIT, 2)
    if not x or not y or unit not in (2, 3):
        return None
    each = 2.54 if unit == 3 else 1.0
    return x * each, y * each


def exif_dpi(exif: bytes) -> tuple[float, float] | None:
    """`dpi_of` the first directory of EXIF."""
    return dpi_of(_first(exif))


def upright_exif(exif: bytes, height: int, width: int) -> bytes:
    """EXIF of a picture whose pixels were turned upright and whose thumbnail is gone."""
    if not first_offset(exif):
        return exif
    block = bytearray(exif)
    first = _first(exif)
    _set_number(block, first, ORIENTATION, 1)
    detail = _below(exif, first, EXIF_IFD)
    if detail is not None:
        _set_number(block, detail, _PIXEL_WIDTH, width)
        _set_number(block, detail, _PIXEL_HEIGHT, height)
    return without_thumbnail(bytes(block))


def without_thumbnail(exif: bytes) -> bytes:
    """Cut the link to the thumbnail, which shows the picture gray."""
    offset = first_offset(exif)
    if not offset or offset + 2 > len(exif):
        return exif
    (count,) = struct.unpack_from(order_of(exif) + "H", exif, offset)
    link = offset + 2 + 12 * count
    return exif[:link] + bytes(4) + exif[link + 4 :] if link + 4 <= len(exif) else exif


def with_software(exif: bytes, name: str) -> bytes:
    """State the program that made the file, where EXIF names none."""
    first = _first(exif)
    present = first.values.get(SOFTWARE)
    if present is not None and present.data.strip(b"\0 "):
        return exif
    return with_fields(exif, {SOFTWARE: ascii_value(name.encode())})


def with_fields(exif: bytes, fields: dict[int, TiffValue]) -> bytes:
    """Add fields, in the byte order of `exif`, to the first directory or replace them."""
    offset = first_offset(exif)
    if not offset:
        header = b"II*\0" + struct.pack("<I", 8)
        return header + directory_bytes(fields, 8)
    order = order_of(exif)
    (count,) = struct.unpack_from(order + "H", exif, offset)
    entries = {
        struct.unpack_from(order + "H", exif, at)[0]: exif[at : at + 12]
        for at in range(offset + 2, offset + 2 + 12 * count, 12)
    }
    link = exif[offset + 2 + 12 * count :][:4].ljust(4, b"\0")
    block = exif + bytes(len(exif) % 2)
    body_at = len(block) + 2 + 12 * len(entries.keys() | fields.keys()) + 4
    body = b""
    for tag, value in fields.items():
        place = value.data.ljust(4, b"\0")
        if len(value.data) > 4:
            place = struct.pack(order + "I", body_at + len(body))
            body += value.data + bytes(len(value.data) % 2)
        entries[tag] = struct.pack(order + "HHI", tag, value.kind, value.count) + place
    block += struct.pack(order + "H", len(entries))
    block += b"".join(entries[tag] for tag in sorted(entries)) + link + body
    return block[:4] + struct.pack(order + "I", len(exif) + len(exif) % 2) + block[8:]


def with_resolution(exif: bytes, dpi: tuple[float, float]) -> bytes:
    """State a resolution."""
    order = order_of(exif) if exif else "<"
    fields = {
        X_RESOLUTION: TiffValue(RATIONAL, 1, struct.pack(order + "II", round(dpi[0] * 1000), 1000)),
        Y_RESOLUTION: TiffValue(RATIONAL, 1, struct.pack(order + "II", round(dpi[1] * 1000), 1000)),
        RESOLUTION_UNIT: TiffValue(SHORT, 1, struct.pack(order + "H", 2)),
    }
    return with_fields(exif, fields)


def exif_from_tiff(tiff: bytes, page: TiffDirectory) -> bytes:
    """EXIF of what a TIFF page says: its own descriptive fields and its EXIF and GPS directories."""
    values = {t: v for t, v in page.little_endian().items() if t in DESCRIPTIVE}
    if not values and not {EXIF_IFD, GPS_IFD} & page.values.keys():
        return b""
    return b"II*\0" + struct.pack("<I", 8) + nested_bytes(tiff, page, values, 8)


def nested_bytes(
    tiff: bytes, page: TiffDirectory, values: dict[int, TiffValue], at: int, following: int = 0
) -> bytes:
    """Lay out a directory at an offset with the EXIF and GPS directories of `page` below it."""
    values = dict(values)
    below = {
        tag: directory
        for tag in (EXIF_IFD, GPS_IFD)
        if (directory := _below(tiff, page, tag)) is not None
    }
    for tag in below:
        values[tag] = long_value(0)
    end = at + len(directory_bytes(values, at))
    body = b""
    for tag, directory in below.items():
        inner = directory.little_endian()
        inner.pop(INTEROP_IFD, None)
        values[tag] = long_value(end + len(body))
        body += directory_bytes(inner, end + len(body))
    return directory_bytes(values, at, following) + body


def first_directory(exif: bytes) -> TiffDirectory:
    """The first directory of EXIF; without values where there is none."""
    return _first(exif)


def resolution_fields(dpi: tuple[float, float]) -> dict[int, TiffValue]:
    """The three fields that state a resolution."""
    x, y = (TiffValue(RATIONAL, 1, struct.pack("<II", round(n * 1000), 1000)) for n in dpi)
    return {
        X_RESOLUTION: x, Y_RESOLUTION: y, RESOLUTION_UNIT: TiffValue(SHORT, 1, struct.pack("<H", 2))
    }  # fmt: skip


def _first(exif: bytes) -> TiffDirectory:
    offset = first_offset(exif)
    return read_directory(exif, offset) if offset else TiffDirectory(order="<", values={})


def _below(tiff: bytes, directory: TiffDirectory, tag: int) -> TiffDirectory | None:
    offset = directory.number(tag)
    below = read_directory(tiff, offset) if offset else None
    return below if below is not None and below.values else None


def _set_number(block: bytearray, directory: TiffDirectory, tag: int, number: int) -> None:
    value = directory.values.get(tag)
    if value is not None and value.count == 1 and value.kind in (SHORT, LONG):
        letter = "H" if value.kind == SHORT else "I"
        if number < 65536 or letter == "I":
            struct.pack_into(directory.order + letter, block, directory.places[tag], number)
