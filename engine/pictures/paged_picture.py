"""A file of several pages or frames, of which one is in memory at a time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ...errors import TooLargeError, UnwritableError
from .formats import PictureFormat
from .look import Look
from .metadata.provenance import Provenance
from .metadata.tiff_pages import TiffPages
from .pixel_picture import PixelPicture
from .pixel_reader import PixelReader
from .preparation.box import WHOLE, Box
from .read_options import ReadOptions
from .vips import pyvips


class PagedReader:
    """A file whose pages are counted; see `PictureFile`. Height and width are the first page's."""

    def __init__(self, first: PixelReader) -> None:
        self._first = first
        self.height = first.height
        self.width = first.width

    @property
    def memory_bytes(self) -> int:
        """Most bytes that it takes: one page at a time, if all are as the first."""
        return self._first.memory_bytes

    def decoded(self) -> PagedPicture:
        """Decode the first page, so that damage shows now; the others follow one by one."""
        picture = PagedPicture(self._first.file_bytes, self._first.options, self._first.pages)
        picture.first = self._first.decoded()
        return picture


class PagedPicture:
    """Pages of one file; see `Picture`, whose methods are those of the first page.

    Parameters
    ----------
    file_bytes
        The whole file.
    options
        How it is read.
    count
        Number of pages.
    """

    def __init__(self, file_bytes: bytes, options: ReadOptions, count: int) -> None:
        self.first: PixelPicture | None = None
        self.count = count
        self._file_bytes = file_bytes
        self._options = options

    @property
    def height(self) -> int:
        """Pixels of the first page."""
        return self.page(0).height

    @property
    def width(self) -> int:
        """Pixels of the first page."""
        return self.page(0).width

    def page(self, number: int) -> PixelPicture:
        """Decode a page; raises UnreadableError or TooLargeError."""
        if number == 0 and self.first is not None:
            return self.first
        return PixelReader(self._file_bytes, self._options, page=number).decoded()

    def l_plane(self, height: int, width: int, box: Box = WHOLE) -> NDArray[np.float32]:
        """Lightness of the first page; see `Picture.l_plane`."""
        return self.page(0).l_plane(height, width, box)

    def is_in_color(self) -> bool:
        """Whether the first page is in colour."""
        return self.page(0).is_in_color()

    def recolored(self, ab_planes: NDArray[np.float32], look: Look) -> RecoloredPages:
        """Every page with the colour of one; `recolored_pages` gives each its own."""
        return self.recolored_pages([ab_planes] * self.count, [look] * self.count)

    def recolored_pages(
        self, ab_planes: Sequence[NDArray[np.float32]], looks: Sequence[Look]
    ) -> RecoloredPages:
        """Pages with predicted colour, which is put in as they are written."""
        self.first = None  # decoded again in its turn
        return RecoloredPages(picture=self, ab_planes=tuple(ab_planes), looks=tuple(looks))

    def frame_times(self) -> dict[str, Any]:
        """What libvips calls "delay" and "loop" of an animation; empty for pages."""
        try:
            image = pyvips.Image.new_from_buffer(self._file_bytes, "", n=-1)
        except pyvips.Error:
            return {}
        return {name: image.get(name) for name in ("delay", "loop") if image.get_typeof(name)}

    @property
    def max_pixels(self) -> int:
        """The most pixels that may be in memory."""
        return self._options.max_pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoloredPages:
    """Pages in colour, made as they are written; see `RecoloredPicture`.

    Parameters
    ----------
    picture
        The source.
    ab_planes
        (2, h, w) a*, b* of each page.
    looks
        How it is put in, for each page.
    """

    picture: PagedPicture
    ab_planes: tuple[NDArray[np.float32], ...]
    looks: tuple[Look, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    def lost_in(self, picture_format: PictureFormat) -> tuple[str, ...]:
        """The kinds of metadata of the first page that a format has no place for."""
        return self.picture.page(0).lost_in(picture_format)

    def encoded(
        self, picture_format: PictureFormat, quality: int, provenance: Provenance | None = None
    ) -> bytes:
        """The bytes of a file of all pages; `write` needs less memory."""
        file = io.BytesIO()
        self.write(file, picture_format, quality, provenance)
        return file.getvalue()

    def write(
        self,
        file: BinaryIO,
        picture_format: PictureFormat,
        quality: int,
        provenance: Provenance | None = None,
    ) -> None:
        """Write all pages, one after the other: a TIFF of pages or a WebP animation.

        Raises
        ------
        UnreadableError
            A page is damaged.
        TooLargeError
            A page is over the limit, or all frames of an animation together are.
        UnwritableError
            The format holds no pages, or the file grows too large for it.
        """
        if picture_format.name == "tiff":
            pages = TiffPages(file, several=True)
            for number in range(self.picture.count):
                page = self._page(number)
                metadata = page.metadata
                if provenance is not None:
                    metadata = provenance.marked(metadata)
                pages.append(page.encoded_bare(picture_format, quality), metadata)
        elif picture_format.name == "webp":
            file.write(self._animation(picture_format, quality, provenance))
        else:
            raise UnwritableError(f"{picture_format.title} holds one picture; name --format tiff")

    def _page(self, number: int) -> PixelPicture:
        return self.picture.page(number).recolored(self.ab_planes[number], self.looks[number])

    def _animation(
        self, picture_format: PictureFormat, quality: int, provenance: Provenance | None
    ) -> bytes:
        first = self._page(0)
        if first.height * first.width * self.picture.count > self.picture.max_pixels:
            raise TooLargeError(
                f"{self.picture.count} frames of {first.width} x {first.height} pixels are over the "
                f"limit of {self.picture.max_pixels}; raise it with --max-pixels"
            )
        frames = [first, *(self._page(number) for number in range(1, self.picture.count))]
        with_alpha = any(frame.alpha is not None for frame in frames)
        tall = np.concatenate([_rgb_or_rgba(frame, with_alpha=with_alpha) for frame in frames])
        whole = replace(
            first,
            pixels=np.ascontiguousarray(tall[..., :3]),
            alpha=np.ascontiguousarray(tall[..., 3]) if with_alpha else None,
        )
        return whole.encoded_animation(
            picture_format,
            quality,
            provenance,
            frame_height=first.height,
            times=self.picture.frame_times(),
        )


def _rgb_or_rgba(frame: PixelPicture, *, with_alpha: bool) -> NDArray[Any]:
    if not with_alpha:
        return frame.pixels
    alpha = frame.alpha
    if alpha is None:
        alpha = np.full(
            frame.pixels.shape[:2], np.iinfo(frame.pixels.dtype).max, frame.pixels.dtype
        )
    return np.dstack([frame.pixels, alpha])
