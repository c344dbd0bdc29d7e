"""Metadata of a file of any format."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..orientation import is_turned
from .exif import exif_dpi, upright_exif, with_resolution
from .jpeg_segments import EXIF_HEADER, jpeg_metadata
from .metadata import Metadata
from .other_formats import gif_metadata, jpeg2000_metadata, psd_metadata
from .png_chunks import SIGNATURE, png_metadata
from .tiff_directory import first_offset
from .tiff_pages import tiff_metadata
from .webp_chunks import webp_metadata
from .xmp import upright_xmp
from .xmp_regions import turned_regions


def read_metadata(file_bytes: bytes, image: Any = None) -> Metadata:
    """Read a file's metadata.

    Parameters
    ----------
    file_bytes
        The whole file.
    image
        The same, opened by libvips, which finds the items of AVIF and HEIF.
    """
    if file_bytes.startswith(b"\xff\xd8"):
        return jpeg_metadata(file_bytes)
    if file_bytes.startswith(SIGNATURE):
        return png_metadata(file_bytes)
    if file_bytes[:4] == b"RIFF" and file_bytes[8:12] == b"WEBP":
        return webp_metadata(file_bytes)
    if first_offset(file_bytes):
        return tiff_metadata(file_bytes)
    if file_bytes.startswith(b"8BPS"):
        return psd_metadata(file_bytes)
    if file_bytes.startswith(b"\0\0\0\x0cjP  "):
        return jpeg2000_metadata(file_bytes)
    if file_bytes.startswith(b"GIF8"):
        return gif_metadata(file_bytes)
    if image is not None:
        exif = _field(image, "exif-data").removeprefix(EXIF_HEADER)
        return Metadata(exif=exif, xmp=_field(image, "xmp-data"), dpi=exif_dpi(exif))
    return Metadata()


def upright_metadata(metadata: Metadata, height: int, width: int, orientation: int) -> Metadata:
    """Metadata of a picture whose pixels were turned upright to a size, from an EXIF orientation."""
    dpi = metadata.dpi
    if is_turned(orientation) and dpi is not None:
        dpi = (dpi[1], dpi[0])
    return Metadata(
        exif=upright_exif(metadata.exif, height, width),
        xmp=turned_regions(upright_xmp(metadata.xmp), orientation, height, width),
        iptc=metadata.iptc,
        comments=metadata.comments,
        png_text=metadata.png_text,
        dpi=dpi,
    )


def metadata_with_resolution(metadata: Metadata) -> Metadata:
    """Metadata whose EXIF states the resolution, for formats that have no other place for it."""
    if metadata.dpi is None or exif_dpi(metadata.exif) is not None:
        return metadata
    exif = with_resolution(metadata.exif, metadata.dpi)
    return replace(metadata, exif=exif)


def _field(image: Any, name: str) -> bytes:
    return bytes(image.get(name)) if image.get_typeof(name) else b""
