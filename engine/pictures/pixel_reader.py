"""Files of every readable format to `PixelPicture`, by libvips."""

from __future__ import annotations

from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ...errors import TooLargeError, UnreadableError
from ...kernels.icc import is_srgb_profile
from .formats import READABLE
from .jpeg_scans import JpegSource, jpeg_source
from .orientation import is_turned, upright
from .pixel_picture import PixelPicture
from .time_limit import current_deadline, stop_in_time
from .vips import loader_of, pyvips

_KEPT_FIELDS: Final = frozenset({"xmp-data", "iptc-data", "resolution-unit"})
_GRAY: Final = frozenset({"b-w", "grey16"})


class PixelReader:
    """A file whose header is read; `decoded` gives its pixels.

    Parameters
    ----------
    file_bytes
        The whole file.
    max_pixels
        Height x width beyond which the picture is refused.

    Raises
    ------
    UnreadableError
        Empty, or not a readable picture.
    TooLargeError
        More than `max_pixels`.
    """

    def __init__(self, file_bytes: bytes, *, max_pixels: int) -> None:
        if not file_bytes:
            raise UnreadableError("the file is empty (0 bytes)")
        self._image, self._many_scans = _opened(file_bytes)
        self.orientation = _orientation(self._image)
        turned = is_turned(self.orientation)
        self.height: int = self._image.width if turned else self._image.height
        self.width: int = self._image.height if turned else self._image.width
        check_size(self, max_pixels)

    def decoded(self) -> PixelPicture:
        """The upright pixels in sRGB, with alpha and metadata.

        Raises
        ------
        UnreadableError
            Truncated or damaged, or of a pixel type without a defined range.
        """
        stop_in_time(self._image)
        if self._many_scans is not None:
            self._many_scans.deadline = current_deadline()
        try:
            image, profile = self._image, _profile(self._image)
            metadata = _kept_metadata(image)
            if image.interpretation == "scrgb":
                image = image.colourspace("rgb16")
            alpha = None
            if image.hasalpha():
                alpha = image[image.bands - 1]
                image = image.extract_band(0, n=image.bands - 1)
            image = _in_srgb(image, profile)
            joined = image if alpha is None else image.bandjoin(alpha.cast(image.format))
            pixels: NDArray[Any] = joined.numpy()
        except pyvips.Error as error:
            raise UnreadableError("truncated or damaged") from error
        if pixels.ndim == 2:
            pixels = pixels[:, :, np.newaxis]
        turned = upright(pixels, self.orientation)
        channels = image.bands
        # The GIF loader adds an alpha channel to animations that have no transparency.
        made_up = self._image.get("vips-loader").startswith("gif") and turned[:, :, -1].min() == 255
        if made_up:
            alpha = None
        return PixelPicture(
            pixels=np.ascontiguousarray(turned[:, :, 0] if channels == 1 else turned[:, :, :3]),
            alpha=None if alpha is None else np.ascontiguousarray(turned[:, :, channels]),
            metadata=metadata,
            tag_srgb=bool(profile),
        )


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


def _opened(file_bytes: bytes) -> tuple[Any, JpegSource | None]:
    # libvips keeps one error text for all threads: what it says may be of another picture.
    loader = loader_of(file_bytes)
    if not loader:
        raise UnreadableError(f"not a picture; expected {READABLE}")
    options = {"access": "sequential", "fail_on": "error"}
    many_scans = jpeg_source(file_bytes) if loader == "Jpeg" else None
    try:
        if many_scans is None:
            image: Any = pyvips.Image.new_from_buffer(file_bytes, "", **options)
        else:
            image = pyvips.Image.new_from_source(many_scans.source, "", **options)
    except pyvips.Error as error:
        raise UnreadableError(f"truncated or damaged {loader.upper()} file") from error
    return image, many_scans


def _in_srgb(image: Any, profile: bytes) -> Any:
    """Gray or RGB of sRGB tone, uchar or ushort; libvips' own ICC and colour conversions."""
    space = image.interpretation
    if image.format not in ("uchar", "ushort") and space not in ("lab", "labs", "xyz"):
        raise UnreadableError(f"pixels of type {image.format}; expected 8 or 16 bit integers")
    sixteen = image.format != "uchar"
    if space == "cmyk":
        return image.icc_transform(
            "srgb", embedded=True, input_profile="cmyk", depth=16 if sixteen else 8
        )
    if space in _GRAY or image.bands < 3:
        image = image[0].copy(interpretation="grey16" if sixteen else "b-w")
        if profile and not _is_rgb(profile):
            toned = _transformed(image, depth=16 if sixteen else 8)
            return image if toned is None else toned[1]
        return image
    if space in ("multiband", "rgb", "histogram"):
        image = image.extract_band(0, n=3).copy(interpretation="rgb16" if sixteen else "srgb")
    if profile and _is_rgb(profile) and not is_srgb_profile(profile):
        converted = _transformed(image, depth=16 if sixteen else 8)
        return image if converted is None else converted
    return image.colourspace("rgb16" if sixteen else "srgb")


def _transformed(image: Any, depth: int) -> Any | None:
    """Through the embedded profile to sRGB; None where the profile is no use."""
    try:
        return image.icc_transform("srgb", embedded=True, depth=depth)
    except pyvips.Error:
        return None


def _is_rgb(profile: bytes) -> bool:
    return profile[16:20] == b"RGB "


def _profile(image: Any) -> bytes:
    return bytes(image.get("icc-profile-data")) if image.get_typeof("icc-profile-data") else b""


def _orientation(image: Any) -> int:
    return int(image.get("orientation")) if image.get_typeof("orientation") else 1


def _kept_metadata(image: Any) -> dict[str, tuple[int, Any]]:
    kept = {
        name: (image.get_typeof(name), image.get(name))
        for name in image.get_fields()
        if name.startswith(("exif-", "png-comment-")) or name in _KEPT_FIELDS
    }
    kept["xres"] = (pyvips.GValue.gdouble_type, image.xres)
    kept["yres"] = (pyvips.GValue.gdouble_type, image.yres)
    kept["orientation"] = (pyvips.GValue.gint_type, 1)
    kept.pop("exif-ifd0-Orientation", None)
    return kept
