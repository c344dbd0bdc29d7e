"""The picture formats that are read and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

FormatName = Literal["jpg", "png", "webp", "tiff", "avif"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFormat:
    """A format that can be written.

    Parameters
    ----------
    name
        As `--format` takes it.
    suffixes
        File name endings; the first is given to new files.
    bits
        The most bits a channel can hold.
    has_alpha
        Whether it can hold an alpha channel.
    quality
        1..100 when the user names none; 0 for lossless formats.
    """

    name: str
    suffixes: tuple[str, ...]
    bits: int
    has_alpha: bool
    quality: int


FORMATS: Final[Mapping[str, PictureFormat]] = {
    f.name: f
    for f in (
        PictureFormat(
            name="jpg", suffixes=(".jpg", ".jpeg", ".jpe"), bits=8, has_alpha=False, quality=92
        ),
        PictureFormat(name="png", suffixes=(".png",), bits=16, has_alpha=True, quality=0),
        PictureFormat(name="webp", suffixes=(".webp",), bits=8, has_alpha=True, quality=90),
        PictureFormat(name="tiff", suffixes=(".tif", ".tiff"), bits=16, has_alpha=True, quality=0),
        PictureFormat(name="avif", suffixes=(".avif",), bits=12, has_alpha=True, quality=75),
    )
}
# Read, and written as PNG unless a format is named: it holds too few colours.
READ_ONLY_SUFFIXES: Final = frozenset({".gif"})
READABLE_SUFFIXES: Final = READ_ONLY_SUFFIXES.union(*(f.suffixes for f in FORMATS.values()))
READABLE: Final = "JPEG, PNG, TIFF, WebP, AVIF or GIF"


def format_of(path: Path) -> PictureFormat:
    """The format to write a file of this name in; PNG where the ending names none of ours."""
    suffix = path.suffix.lower()
    for picture_format in FORMATS.values():
        if suffix in picture_format.suffixes:
            return picture_format
    return FORMATS["png"]
