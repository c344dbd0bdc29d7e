"""A TIFF file that grows a page at a time, each with the fields of its source."""

from __future__ import annotations

import struct
from typing import BinaryIO, Final

from ....errors import UnwritableError
from .exif import (
    EXIF_IFD,
    GPS_IFD,
    dpi_of,
    exif_from_tiff,
    first_directory,
    nested_bytes,
    resolution_fields,
)
from .metadata import Metadata
from .tiff_directory import (
    BYTE,
    LONG,
    SHORT,
    UNDEFINED,
    TiffDirectory,
    TiffValue,
    directory_bytes,
    first_offset,
    pages_of,
    read_directory,
)

XMP, IPTC, NEW_SUBFILE_TYPE, PAGE_NUMBER = 700, 33723, 254, 297
_OFFSETS: Final = (273, 324)  # StripOffsets, TileOffsets
_LONGEST_FILE: Final = (1 << 32) - 1
# Fields of the source that tell of its pixels as they were stored.
_STRUCTURAL: Final = frozenset(
    {
        EXIF_IFD,
        GPS_IFD,
        0x0112,
        0x0201,
        0x0202,
        0x0211,
        0x0212,
        0x0213,
        0x0214,
        330,
        700,
        33723,
        34377,
        34675,
    }
)


class TiffPages:
    """Puts single-page TIFF files that libvips wrote together into one.

    Parameters
    ----------
    file
        Empty, for writing and seeking; owned by the caller.
    several
        Whether there will be more than one page, which then says so.
    """

    def __init__(self, file: BinaryIO, *, several: bool) -> None:
        self._file = file
        self._several = several
        self._link = 4  # where the offset of the next directory is to be written
        self._count = 0
        file.write(b"II*\0" + bytes(4))

    def append(self, page_bytes: bytes, metadata: Metadata) -> None:
        """Append the one page of a little-endian TIFF file, with the smaller copies that follow it.

        Raises
        ------
        UnwritableError
            The file would grow over 4 GiB.
        """
        start = self._file.seek(0, 2)
        start += start % 2
        if start + len(page_bytes) + (1 << 20) > _LONGEST_FILE:
            raise UnwritableError("TIFF files end at 4 GiB; name another --format")
        directory_at = first_offset(page_bytes)
        page = read_directory(page_bytes, directory_at)
        values = dict(page.values)
        for tag in _OFFSETS:
            if tag in values:
                moved = [number + start for number in page.numbers(tag)]
                values[tag] = TiffValue(LONG, len(moved), struct.pack(f"<{len(moved)}I", *moved))
        if self._several:
            values[NEW_SUBFILE_TYPE] = TiffValue(LONG, 1, struct.pack("<I", 2))
            values[PAGE_NUMBER] = TiffValue(SHORT, 2, struct.pack("<HH", self._count, 0))
        source = first_directory(metadata.exif)
        for tag, value in source.little_endian().items():
            if tag not in _STRUCTURAL and (tag not in values or tag == 0x0131):
                values[tag] = value
        if metadata.dpi is not None:
            values |= resolution_fields(metadata.dpi)
        if metadata.xmp:
            values[XMP] = TiffValue(BYTE, len(metadata.xmp), metadata.xmp)
        if metadata.iptc:
            values[IPTC] = TiffValue(UNDEFINED, len(metadata.iptc), metadata.iptc)
        self._file.seek(start)
        self._file.write(page_bytes)
        at = self._file.tell()
        at += at % 2
        self._file.seek(at)
        self._file.write(nested_bytes(metadata.exif, source, values, at))
        self._file.seek(self._link)
        self._file.write(struct.pack("<I", at))
        self._link = at + 2 + 12 * self._entries(at)
        self._count += 1

        for level in pages_of(page_bytes)[1:]:
            self._append_level(level, start)

    def _append_level(self, level: TiffDirectory, start: int) -> None:
        """Append the directory of a smaller copy, whose data lies in what was written already."""
        values = dict(level.values)
        for tag in _OFFSETS:
            if tag in values:
                moved = [number + start for number in level.numbers(tag)]
                values[tag] = TiffValue(LONG, len(moved), struct.pack(f"<{len(moved)}I", *moved))
        at = self._file.seek(0, 2)
        at += at % 2
        self._file.seek(at)
        self._file.write(directory_bytes(values, at))
        self._file.seek(self._link)
        self._file.write(struct.pack("<I", at))
        self._link = at + 2 + 12 * len(values)

    def _entries(self, at: int) -> int:
        self._file.seek(at)
        return int(struct.unpack("<H", self._file.read(2))[0])


def tiff_metadata(tiff: bytes, offset: int = 0) -> Metadata:
    """Read what a page of a TIFF says; the page's directory is at `offset`, 0 is the first."""
    page = read_directory(tiff, offset or first_offset(tiff))
    iptc = page.values.get(IPTC)
    xmp = page.values.get(XMP)
    # Of type LONG it is bytes all the same, in the order of the file.
    iptc_bytes = b"" if iptc is None else iptc.data
    if iptc is not None and iptc.kind == LONG and page.order == "<" and iptc_bytes[:1] != b"\x1c":
        iptc_bytes = b"".join(iptc_bytes[i : i + 4][::-1] for i in range(0, len(iptc_bytes), 4))
    return Metadata(
        exif=exif_from_tiff(tiff, page),
        xmp=b"" if xmp is None else xmp.data,
        iptc=iptc_bytes.rstrip(b"\0") if iptc_bytes[:1] == b"\x1c" else b"",
        dpi=dpi_of(page),
    )
