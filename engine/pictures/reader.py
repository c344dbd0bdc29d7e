"""Bytes of a file to the `Picture` that suits what it is and what it becomes."""

from __future__ import annotations

from typing import Protocol

from ...kernels import jpeg
from ...kernels.srgb_profile import is_near_srgb_profile
from .formats import FORMATS, PictureFormat
from .further_frames import further_frames
from .jpeg_picture import JpegPicture
from .paged_picture import PagedReader
from .picture import Picture
from .pixel_reader import PixelReader, Sized, check_size
from .read_options import ReadOptions

# Pictures with more are refused unless the user says otherwise.
_JPEG_SIGNATURE = b"\xff\xd8\xff"


class PictureFile(Sized, Protocol):
    """A file whose header is read; height and width are upright."""

    def decoded(self) -> Picture:
        """Decode; raises UnreadableError where the file is truncated or damaged."""
        ...


class EncodedFile(PictureFile, Protocol):
    """A file that is not decoded yet."""

    @property
    def memory_bytes(self) -> int:
        """Most bytes that the picture takes on its way to an output."""
        ...


def open_picture(
    file_bytes: bytes,
    *,
    picture_format: PictureFormat | None,
    options: ReadOptions,
    keep_luma: bool = True,
) -> EncodedFile:
    """Read a file's header.

    A JPEG that becomes a JPEG keeps its luma coefficients. All else, a JPEG of a rare kind (CMYK,
    RGB, 12 bit, arithmetic coding) and one whose profile is not nearly sRGB is decoded to pixels.

    Parameters
    ----------
    file_bytes
        The whole file.
    picture_format
        What the result will be written in; None if it stays in memory, as pixels.
    options
        How it is read.
    keep_luma
        Whether luma will stay as it is; else a JPEG is decoded to pixels too.

    Raises
    ------
    UnreadableError
        Not a readable picture.
    TooLargeError
        More than `options.max_pixels`.
    """
    to_jpeg = picture_format is FORMATS["jpg"] and file_bytes.startswith(_JPEG_SIGNATURE)
    if to_jpeg and keep_luma and not options.invert and jpeg.AVAILABLE:
        try:
            file = jpeg.JpegFile(file_bytes)
            if is_near_srgb_profile(file.icc):
                return JpegReader(
                    file, file_bytes, options, notes=left_out(further_frames(file_bytes))
                )
        except (jpeg.UnsupportedJpeg, jpeg.DamagedJpeg):
            pass  # libvips reads the one and has the better words for the other
    reader = PixelReader(file_bytes, options)
    if reader.pages > 1 and picture_format is not None:
        takes_pages = reader.is_tiff or options.all_frames
        if takes_pages and picture_format.name in ("tiff", "webp" if not reader.is_tiff else ""):
            return PagedReader(reader)
    further = max(reader.pages - 1, further_frames(file_bytes))
    reader.notes += left_out(further, "page" if reader.is_tiff else "frame")
    return reader


def left_out(further: int, name: str = "picture") -> tuple[str, ...]:
    """A note on pages or frames that are not shown; nothing where there are none."""
    if further < 1:
        return ()
    how = {
        "page": "; --format tiff keeps them",
        "frame": "; --frames all takes them where the output is WebP or TIFF",
    }.get(name, "")
    which = f"1 further {name} of it is" if further == 1 else f"{further} further {name}s of it are"
    return (f"{which} left out{how}",)


class JpegReader:
    """A JPEG whose markers are read; see `PictureFile`."""

    def __init__(
        self,
        file: jpeg.JpegFile,
        file_bytes: bytes,
        options: ReadOptions,
        *,
        notes: tuple[str, ...] = (),
    ) -> None:
        self._options = options
        self._picture = JpegPicture(file, file_bytes, notes)
        self.height = self._picture.height
        self.width = self._picture.width
        check_size(self, options.max_pixels)

    @property
    def memory_bytes(self) -> int:
        """Most bytes that it takes: planes of chroma, and coefficients of progressive files."""
        return 5 * self.height * self.width // 2 + 2 * len(self._picture.file_bytes)

    def decoded(self) -> Picture:
        """Decode the coefficients; what is damaged there goes the way of pixels, or fails there."""
        try:
            self._picture.decode()
        except jpeg.DamagedJpeg:
            return PixelReader(self._picture.file_bytes, self._options).decoded()
        return self._picture
