"""Bytes of a file to the `Picture` that suits what it is and what it becomes."""

from __future__ import annotations

from typing import Protocol

from .formats import PictureFormat
from .picture import Picture
from .pixel_reader import PixelReader


class PictureFile(Protocol):
    """A file whose header is read.

    Attributes
    ----------
    height, width
        Pixels, upright.
    """

    @property
    def height(self) -> int: ...
    @property
    def width(self) -> int: ...

    def decoded(self) -> Picture:
        """Decode; raises UnreadableError where the file is truncated or damaged."""
        ...


def open_picture(
    file_bytes: bytes, *, picture_format: PictureFormat, max_pixels: int
) -> PictureFile:
    """Read a file's header.

    Parameters
    ----------
    file_bytes
        The whole file.
    picture_format
        What the result will be written in.
    max_pixels
        Height x width beyond which the picture is refused.

    Raises
    ------
    UnreadableError
        Not a readable picture.
    TooLargeError
        More than `max_pixels`.
    """
    del picture_format
    return PixelReader(file_bytes, max_pixels=max_pixels)
