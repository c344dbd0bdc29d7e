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
    title
        As people write it.
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
    title: str
    suffixes: tuple[str, ...]
    bits: int
    has_alpha: bool
    quality: int


FORMATS: Final[Mapping[str, PictureFormat]] = {
    f.name: f
    for f in (
        PictureFormat(
            name="jpg",
            title="JPEG",
            suffixes=(".jpg", ".jpeg", ".jpe", ".jfif", ".jps"),
            bits=8,
            has_alpha=False,
            quality=92,
        ),
        PictureFormat(
            name="png", title="PNG", suffixes=(".png",), bits=16, has_alpha=True, quality=0
        ),
        PictureFormat(
            name="webp", title="WebP", suffixes=(".webp",), bits=8, has_alpha=True, quality=90
        ),
        PictureFormat(
            name="tiff",
            title="TIFF",
            suffixes=(".tif", ".tiff"),
            bits=16,
            has_alpha=True,
            quality=0,
        ),
        PictureFormat(
            name="avif", title="AVIF", suffixes=(".avif",), bits=12, has_alpha=True, quality=75
        ),
    )
}
# Read, and written in another format unless one is named: with the ending that they get.
READ_ONLY_SUFFIXES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        [
            ".apng",
            ".avifs",
            ".bmp",
            ".bw",
            ".dib",
            ".gif",
            ".heic",
            ".heif",
            ".hif",
            ".ico",
            ".j2c",
            ".j2k",
            ".jp2",
            ".jpc",
            ".jpf",
            ".jpx",
            ".jxl",
            ".pbm",
            ".pcx",
            ".pgm",
            ".pnm",
            ".ppm",
            ".psd",
            ".rgb",
            ".rgba",
            ".sgi",
            ".tga",
        ],
        ".png",
    ),
    ".mpo": ".jpg",  # a JPEG and more
}
READABLE_SUFFIXES: Final = frozenset(READ_ONLY_SUFFIXES).union(
    *(f.suffixes for f in FORMATS.values())
)
READABLE: Final = "JPEG, PNG, TIFF, WebP, AVIF, GIF or another kind of picture"
# Endings of pictures and documents that are not written, which nobody gives to a folder.
NOT_WRITTEN_SUFFIXES: Final = frozenset(READ_ONLY_SUFFIXES) | frozenset(
    [
        ".ai",
        ".cr2",
        ".cr3",
        ".dng",
        ".eps",
        ".exr",
        ".fits",
        ".hdr",
        ".nef",
        ".pdf",
        ".psb",
        ".raw",
        ".svg",
        ".svgz",
        ".wdp",
        ".xcf",
    ]
)


def is_writable_name(path: Path) -> bool:
    """Whether a name's ending is one of a format that is written."""
    return any(path.suffix.lower() in f.suffixes for f in FORMATS.values())


def format_of(path: Path) -> PictureFormat:
    """The format to write a file of this name in; PNG where the ending names none of ours."""
    suffix = path.suffix.lower()
    for picture_format in FORMATS.values():
        if suffix in picture_format.suffixes:
            return picture_format
    return FORMATS["png"]
