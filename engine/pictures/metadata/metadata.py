"""Metadata of a picture, apart from the format that it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..formats import PictureFormat

# What each format has no place for; the rest is written.
_NO_PLACE: Final = {
    "jpg": {"PNG text"},
    "png": set[str](),
    "webp": {"IPTC", "PNG text", "JPEG comments"},
    "avif": {"IPTC", "PNG text", "JPEG comments"},
    "tiff": {"PNG text", "JPEG comments"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is carried from a source to its output.

    Parameters
    ----------
    exif
        A TIFF structure, without the "Exif" header; empty if there is none.
    xmp
        An XMP packet.
    iptc
        IPTC-IIM datasets.
    comments
        JPEG comments.
    png_text
        tEXt, zTXt and iTXt chunks, (kind, body), as they are.
    dpi
        Dots per inch, across and down; None if the file does not say.
    """

    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    comments: tuple[bytes, ...] = ()
    png_text: tuple[tuple[bytes, bytes], ...] = ()
    dpi: tuple[float, float] | None = None

    def lost_in(self, picture_format: PictureFormat) -> tuple[str, ...]:
        """Return the kinds of metadata that a format cannot hold, sorted."""
        here = {
            "IPTC": self.iptc,
            "JPEG comments": self.comments,
            "PNG text": self.png_text,
        }
        return tuple(sorted(n for n in _NO_PLACE[picture_format.name] if here[n]))
