"""Bytes of a file to the `Picture` that suits what it is and what it becomes."""

from __future__ import annotations

from typing import Final, Protocol

from ...kernels import jpeg
from .formats import FORMATS, PictureFormat
from .jpeg_picture import JpegPicture
from .picture import Picture
from .pixel_reader import PixelReader, Sized, check_size

# Pictures with more are refused unless the user says otherwise.
MAX_PIXELS: Final = 250_000_000
_JPEG_SIGNATURE = b"\xff\xd8\xff"


class PictureFile(Sized, Protocol):
    """A file whose header is read; height and width are upright."""

    def decoded(self) -> Picture:
        """Decode; raises UnreadableError where the file is truncated or damaged."""
        ...


def open_picture(
    file_bytes: bytes, *, picture_format: PictureFormat | None, max_pixels: int
) -> PictureFile:
    """Read a file's header.

    A JPEG that becomes a JPEG keeps its luma coefficients. All else, and a JPEG of a rare kind
    (CMYK, RGB, 12 bit, arithmetic coding), is decoded to pixels.

    Parameters
    ----------
    file_bytes
        The whole file.
    picture_format
        What the result will be written in; None if it stays in memory, as pixels.
    max_pixels
        Height x width beyond which the picture is refused.

    Raises
    ------
    UnreadableError
        Not a readable picture.
    TooLargeError
        More than `max_pixels`.
    """
    to_jpeg = picture_format is FORMATS["jpg"] and file_bytes.startswith(_JPEG_SIGNATURE)
    if to_jpeg and jpeg.AVAILABLE:
        try:
            return JpegReader(file_bytes, max_pixels=max_pixels)
        except (jpeg.UnsupportedJpeg, jpeg.DamagedJpeg):
            pass  # libvips reads the one and has the better words for the other
    return PixelReader(file_bytes, max_pixels=max_pixels)


class JpegReader:
    """A JPEG whose markers are read; see `PictureFile`."""

    def __init__(self, file_bytes: bytes, *, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._picture = JpegPicture(jpeg.JpegFile(file_bytes), file_bytes)
        self.height = self._picture.height
        self.width = self._picture.width
        check_size(self, max_pixels)

    def decoded(self) -> Picture:
        """Decode the coefficients; what is damaged there goes the way of pixels, or fails there."""
        try:
            self._picture.decode()
        except jpeg.DamagedJpeg:
            return PixelReader(self._picture.file_bytes, max_pixels=self._max_pixels).decoded()
        return self._picture
