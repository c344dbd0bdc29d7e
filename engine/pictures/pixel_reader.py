"""Files of every readable format to `PixelPicture`, by libvips and, for what it lacks, by Pillow."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ...errors import MissingDependencyError, TooLargeError, UnreadableError
from ...kernels import jpeg
from .color_signal import stated_profile
from .file_kind import kind_of
from .formats import READABLE
from .jpeg_scans import JpegSource, jpeg_source
from .metadata.exif import orientation_of
from .metadata.jpeg_segments import segments_of
from .metadata.metadata import Metadata
from .metadata.read_metadata import read_metadata, upright_metadata
from .metadata.tiff_pages import tiff_metadata
from .orientation import is_turned, upright
from .packed import packed
from .pillow_source import PillowSource
from .pixel_picture import PixelPicture
from .png_salvage import completed_png
from .read_options import ReadOptions
from .srgb_image import in_srgb, whole_numbers
from .tiff_jpeg2000 import is_jpeg2000, jpeg2000_image
from .tiff_layout import TiffPage, tiff_pages
from .tiff_storage import TiffStorage
from .time_limit import current_deadline, stop_in_time
from .vips import loader_of, pyvips

_DAMAGED: Final = (
    "truncated or damaged: data is missing or broken; --salvage colours what can be read"
)
_SALVAGED: Final = ("it is damaged; what could be read of it is coloured",)


class PixelReader:
    """A file whose header is read; `decoded` gives its pixels.

    Parameters
    ----------
    file_bytes
        The whole file.
    options
        How it is read.
    page
        Which page of a TIFF, or frame of an animation, from 0.

    Attributes
    ----------
    height, width
        Pixels of that page, upright.
    pages
        Pages or frames of the file.
    is_tiff
        Whether the pages are those of a TIFF.

    Raises
    ------
    UnreadableError
        Empty, or not a readable picture.
    TooLargeError
        More than `options.max_pixels`.
    """

    def __init__(self, file_bytes: bytes, options: ReadOptions, *, page: int = 0) -> None:
        if not file_bytes:
            raise UnreadableError("the file is empty (0 bytes)")
        self.file_bytes = file_bytes
        self.options = options
        self.page = page
        self.salvaged = False
        self.notes: tuple[str, ...] = ()
        self._is_deep_jpeg = _jpeg_bits(file_bytes) == 12
        if self._is_deep_jpeg:
            self.notes = ("a 12-bit JPEG; PNG and TIFF keep its depth, other formats have less",)
        self._tiff_page: TiffPage | None = None
        tiff = tiff_pages(file_bytes)
        self.is_tiff = bool(tiff)
        self.pages = len(tiff) or 1
        if tiff:
            self._tiff_page = tiff[page]
        self._pillow: PillowSource | None = None
        self._image: Any = None
        self._many_scans: JpegSource | None = None
        self._open()
        self.orientation = self._stored_orientation()
        height, width = self._stored_size()
        turned = is_turned(self.orientation)
        self.height, self.width = (width, height) if turned else (height, width)
        check_size(self, options.max_pixels)

    @property
    def memory_bytes(self) -> int:
        """Most bytes that decoding, recolouring and encoding take: measured, rounded up."""
        channels, sample = 4, 1
        if self._image is not None:
            channels = self._image.bands
            sample = 1 if self._image.format == "uchar" else 2
        # The source's own, the coloured ones, the encoded file; joined to an alpha channel once more.
        samples = channels + 3 + 3 + (3 if channels in (2, 4) else 0)
        return self.height * self.width * samples * sample + 2 * len(self.file_bytes)

    def decoded(self) -> PixelPicture:
        """The upright pixels in sRGB, with alpha and metadata.

        Raises
        ------
        UnreadableError
            Truncated or damaged.
        """
        if self._many_scans is not None:
            self._many_scans.deadline = current_deadline()
        try:
            if self._loader() == "jpeg" and not self._is_deep_jpeg and self._lacks_data():
                # libvips does not see what is missing at the end of the last rows.
                raise UnreadableError(_DAMAGED)
            pixels, color_bands, tagged = self._pixels(self._source_image())
        except (UnreadableError, pyvips.Error) as error:
            pixels, color_bands, tagged = self._second_try(error)
        turned = upright(pixels, self.orientation)
        has_alpha = pixels.shape[2] > color_bands
        # libvips adds an alpha channel to animations that have no transparency.
        may_be_made_up = self._loader() == "gif" or self.pages > 1
        if has_alpha and may_be_made_up and not self.is_tiff and turned[:, :, -1].min() == 255:
            has_alpha = False
        picture = PixelPicture(
            pixels=packed(turned[:, :, 0] if color_bands == 1 else turned[:, :, :3]),
            alpha=packed(turned[:, :, color_bands]) if has_alpha else None,
            metadata=self._metadata(),
            tag_srgb=tagged,
            lossless=self._is_lossless_webp(),
            salvaged=self.salvaged,
            tiff_storage=self._tiff_storage(),
            notes=self.notes + (_SALVAGED if self.salvaged else ()),
        )
        return picture.inverted() if self.options.invert else picture

    def _open(self) -> None:
        # libvips keeps one error text for all threads: what it says may be of another picture.
        loader = loader_of(self.file_bytes)
        if loader == "Jpeg":
            self._many_scans = jpeg_source(self.file_bytes)
        if loader and not self._is_for_pillow():
            with suppress(pyvips.Error):
                self._image = self._vips_image("warning" if loader == "Jpeg" else "error")
        if self._image is not None:
            if not self.is_tiff and self._image.get_typeof("n-pages"):
                self.pages = int(self._image.get("n-pages"))
            return
        try:
            self._pillow = PillowSource(self.file_bytes)
            if self._tiff_page is not None:
                self._pillow.seek(self._tiff_page.number)
            elif self._pillow.frames > 1 and self._pillow.name == "AVIF":
                self.pages = self._pillow.frames
                self._pillow.seek(self.page)
        except UnreadableError as error:
            if "pip install" in str(error):
                raise
            if loader:
                raise UnreadableError(f"truncated or damaged {loader.upper()} file") from error
            if "no format" not in str(error):
                raise
            kind = kind_of(self.file_bytes)
            but = f" but {kind}" if kind else ""
            raise UnreadableError(f"not a picture{but}; expected {READABLE}") from error

    def _vips_image(self, fail_on: str) -> Any:
        options: dict[str, Any] = {"access": "sequential", "fail_on": fail_on}
        if self._tiff_page is not None:
            options["page"] = self._tiff_page.number
            if self._tiff_page.below >= 0:
                options["subifd"] = self._tiff_page.below
        elif self.page:
            options["page"] = self.page
        if self._many_scans is not None:
            self._many_scans = JpegSource(self.file_bytes)  # read once, from its beginning
            self._many_scans.deadline = current_deadline()
            return pyvips.Image.new_from_source(self._many_scans.source, "", **options)
        return pyvips.Image.new_from_buffer(self.file_bytes, "", **options)

    def _is_for_pillow(self) -> bool:
        """Whether libvips would read the header but not the pixels, or them wrongly."""
        if re.match(rb".{4}ftyphe[iv]", self.file_bytes[:12], re.DOTALL):
            return True  # its wheel has no HEVC decoder
        page = self._tiff_page
        if page is None or page.below >= 0:
            return False
        bits = page.directory.numbers(258)
        lab = page.directory.number(262) == 8 and bits[:1] == (8,)
        return lab or bits[:1] == (12,) or page.directory.number(259, 1) in (6, 34925, 50000)

    def _source_image(self) -> Any:
        if self._tiff_page is not None and is_jpeg2000(self._tiff_page):
            return jpeg2000_image(self.file_bytes, self._tiff_page)
        if self._is_deep_jpeg:
            return _deep_jpeg_image(self.file_bytes, _profile(self._image))
        return self._pillow.image() if self._pillow is not None else self._image

    def _second_try(self, error: Exception) -> tuple[NDArray[Any], int, bool]:
        """Read what libvips refused: what is only unusual, what Pillow reads, what is left of it."""
        deadline = current_deadline()
        if deadline is not None and deadline.has_passed:
            raise error
        if self._loader() == "jpeg" and not self._is_deep_jpeg:
            if not self._lacks_data():
                return self._forgiven("none")
        elif self._pillow is None and self.is_tiff and self._tiff_page is not None:
            try:
                pillow = PillowSource(self.file_bytes)
                pillow.seek(self._tiff_page.number)
                if pillow.height * pillow.width == self._tiff_page.height * self._tiff_page.width:
                    return self._pixels(pillow.image())
            except (UnreadableError, pyvips.Error):
                pass
        if self._is_deep_jpeg:
            raise error
        if self.options.salvage and self._pillow is None:
            self.salvaged = True
            return self._forgiven("none")
        if isinstance(error, UnreadableError):
            raise error
        raise UnreadableError(_DAMAGED) from error

    def _forgiven(self, fail_on: str) -> tuple[NDArray[Any], int, bool]:
        try:
            if self.salvaged and (whole := completed_png(self.file_bytes)):
                return self._pixels(pyvips.Image.new_from_buffer(whole, ""))
            return self._pixels(self._vips_image(fail_on))
        except pyvips.Error as error:
            raise UnreadableError("truncated or damaged beyond what can be read") from error

    def _lacks_data(self) -> bool:
        """Whether a JPEG's coded data is missing or broken, and not only followed by strange bytes.

        False too where the native module that finds out was not built.
        """
        if not jpeg.AVAILABLE:
            return False
        try:
            jpeg.JpegFile(self.file_bytes).luma_plane(1, 1)
        except jpeg.UnsupportedJpeg:
            # CMYK and the like, which libvips alone reads: an error, not a warning, decides.
            try:
                self._vips_image("error").avg()
            except pyvips.Error:
                return True
            return False
        except jpeg.DamagedJpeg as error:
            return "extraneous bytes" not in str(error)
        return False

    def _pixels(self, image: Any) -> tuple[NDArray[Any], int, bool]:
        """Stored pixels (H, W, bands), how many of the bands are colour, and whether to tag them."""
        stop_in_time(image)
        profile = _profile(image)
        stated = stated_profile(self.file_bytes)
        if stated:
            profile = stated
            image = image.copy()
            image.set_type(pyvips.GValue.blob_type, "icc-profile-data", stated)
        image = whole_numbers(image)
        alpha = None
        if image.hasalpha():
            if self._tiff_page is None or not self._tiff_page.has_other_samples:
                alpha = image[image.bands - 1]
            image = image.extract_band(0, n=image.bands - 1)
        image = in_srgb(image, profile)
        joined = image if alpha is None else image.bandjoin(alpha.cast(image.format))
        pixels = np.frombuffer(
            joined.write_to_memory(), np.uint8 if joined.format == "uchar" else np.uint16
        )
        return pixels.reshape(joined.height, joined.width, joined.bands), image.bands, bool(profile)

    def _metadata(self) -> Metadata:
        if self._tiff_page is not None:
            metadata = tiff_metadata(self.file_bytes, self._tiff_page.offset)
        else:
            metadata = read_metadata(self.file_bytes, self._image)
        if self._pillow is not None and not self.is_tiff:
            exif = self._pillow.blob("exif").removeprefix(b"Exif\0\0")
            metadata = replace(
                metadata,
                exif=exif or metadata.exif,
                xmp=self._pillow.blob("xmp") or metadata.xmp,
                dpi=self._pillow.dpi or metadata.dpi,
            )
        return upright_metadata(metadata, self.height, self.width, self.orientation)

    def _stored_orientation(self) -> int:
        if self._tiff_page is not None:
            value = self._tiff_page.directory.number(0x0112, 1)
            return value if 1 <= value <= 8 else 1
        if self._pillow is not None:
            if self._pillow.name in ("AVIF", "HEIC"):
                return 1  # the decoder has turned them
            return orientation_of(self._pillow.blob("exif").removeprefix(b"Exif\0\0"))
        return int(self._image.get("orientation")) if self._image.get_typeof("orientation") else 1

    def _stored_size(self) -> tuple[int, int]:
        if self._tiff_page is not None:
            return self._tiff_page.height, self._tiff_page.width
        source = self._pillow or self._image
        return source.height, source.width

    def _loader(self) -> str:
        if self._image is None:
            return ""
        name: str = self._image.get("vips-loader")
        return next((n for n in ("jpeg", "gif") if name.startswith(n)), name)

    def _tiff_storage(self) -> TiffStorage:
        if self._tiff_page is None:
            return TiffStorage()
        return TiffStorage.of(self.file_bytes, self._tiff_page.directory)

    def _is_lossless_webp(self) -> bool:
        return self.file_bytes[8:12] == b"WEBP" and b"VP8L" in self.file_bytes[12:64]


class Sized(Protocol):
    """Something of a height and width in pixels."""

    @property
    def height(self) -> int: ...
    @property
    def width(self) -> int: ...


def check_size(picture: Sized, max_pixels: int) -> None:
    """Raise TooLargeError where height x width is over `max_pixels`."""
    if picture.height * picture.width > max_pixels:
        raise TooLargeError(
            f"{picture.width} x {picture.height} pixels are over the limit of {max_pixels}; "
            "raise it with --max-pixels"
        )


def _jpeg_bits(file_bytes: bytes) -> int:
    """Bits of a JPEG's samples; 0 for other files."""
    if file_bytes.startswith(b"\xff\xd8"):
        for segment in segments_of(file_bytes):
            is_frame = 0xC0 <= segment.code <= 0xCF and segment.code not in (0xC4, 0xC8, 0xCC)
            if is_frame and segment.payload:
                return segment.payload[0]
    return 0


def _deep_jpeg_image(file_bytes: bytes, profile: bytes) -> Any:
    """A 12-bit JPEG's luma over 16 bits; its colour is to be replaced anyway."""
    try:
        luma = jpeg.deep_luma_plane(file_bytes)
    except (jpeg.UnsupportedJpeg, MissingDependencyError) as error:
        raise UnreadableError(
            f"a 12-bit JPEG of a kind that is not read ({error}); save it with 8 bits first"
        ) from error
    image = pyvips.Image.new_from_array(luma << 4 | luma >> 8, interpretation="grey16")
    if profile[16:20] == b"GRAY":
        blob: Any = profile  # pyvips states no bytes in its types
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", blob)
    return image


def _profile(image: Any) -> bytes:
    return bytes(image.get("icc-profile-data")) if image.get_typeof("icc-profile-data") else b""
