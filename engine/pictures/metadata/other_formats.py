"""Metadata of formats that are read but not written: GIF, PSD and JPEG 2000."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from .exif import exif_dpi
from .jpeg_segments import photoshop_resource
from .metadata import Metadata
from .tiff_directory import first_offset

_PSD_HEADER: Final = 26
_EXIF, _XMP, _IPTC, _RESOLUTION = 1058, 1060, 1028, 1005  # image resources of Photoshop
_XMP_UUID: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_IPTC_UUID: Final = bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38")
_EXIF_UUID: Final = b"JpgTiffExif->JP2"
_GIF_XMP: Final = b"XMP DataXMP"
_GIF_END: Final = b"\x01\xff\xfe\xfd"  # of the trailer that a reader of blocks falls through


def psd_metadata(file_bytes: bytes) -> Metadata:
    """Read the image resources of a PSD."""
    (colors,) = struct.unpack_from(">I", file_bytes.ljust(_PSD_HEADER + 4, b"\0"), _PSD_HEADER)
    at = _PSD_HEADER + 4 + colors
    if at + 4 > len(file_bytes):
        return Metadata()
    (length,) = struct.unpack_from(">I", file_bytes, at)
    resources = file_bytes[at + 4 : at + 4 + length]
    exif = photoshop_resource(resources, _EXIF)
    resolution = photoshop_resource(resources, _RESOLUTION)
    dpi = None
    if len(resolution) >= 16:  # 16.16 fixed point, always per inch; units tell how it is displayed
        x, _, _, y = struct.unpack_from(">IHHI", resolution)
        dpi = (x / 65536, y / 65536) if x and y else None
    return Metadata(
        exif=exif if first_offset(exif) else b"",
        xmp=photoshop_resource(resources, _XMP),
        iptc=photoshop_resource(resources, _IPTC),
        dpi=dpi or exif_dpi(exif),
    )


def jpeg2000_metadata(file_bytes: bytes) -> Metadata:
    """Read the uuid boxes of a JP2."""
    found: dict[bytes, bytes] = {}
    for kind, body in _boxes(file_bytes):
        if kind == b"uuid":
            found.setdefault(body[:16], body[16:])
    exif = found.get(_EXIF_UUID, b"").removeprefix(b"Exif\0\0")
    exif = exif if first_offset(exif) else b""
    return Metadata(
        exif=exif,
        xmp=found.get(_XMP_UUID, b""),
        iptc=found.get(_IPTC_UUID, b""),
        dpi=exif_dpi(exif),
    )


def gif_metadata(file_bytes: bytes) -> Metadata:
    """Read the XMP application block of a GIF."""
    start = file_bytes.find(_GIF_XMP)
    end = file_bytes.find(_GIF_END, start)
    if start < 0 or end < 0:
        return Metadata()
    return Metadata(xmp=file_bytes[start + len(_GIF_XMP) : end])


def _boxes(file_bytes: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(file_bytes):
        length, kind = struct.unpack_from(">I4s", file_bytes, at)
        head = 8
        if length == 1 and at + 16 <= len(file_bytes):
            (length,) = struct.unpack_from(">Q", file_bytes, at + 8)
            head = 16
        if length == 0:
            length = len(file_bytes) - at
        if length < head:
            return
        yield kind, file_bytes[at + head : at + length]
        at += length
