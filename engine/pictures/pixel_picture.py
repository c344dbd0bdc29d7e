"""A picture as decoded pixels: the pixel path of every format but JPEG to JPEG."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import UnwritableError
from ...kernels import cpu
from .formats import PictureFormat
from .is_in_color import is_in_color
from .label import draw_label
from .look import Look
from .metadata.jpeg_segments import with_jfif_density, with_jpeg_metadata
from .metadata.metadata import Metadata
from .metadata.png_chunks import with_png_metadata
from .metadata.provenance import Provenance
from .metadata.read_metadata import metadata_with_resolution
from .metadata.tiff_pages import TiffPages
from .metadata.webp_chunks import with_webp_metadata
from .preparation.box import WHOLE, Box
from .tiff_storage import TiffStorage
from .vips import pyvips


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelPicture:
    """Decoded pixels in sRGB, upright.

    Parameters
    ----------
    pixels
        (H, W) gray or (H, W, 3) RGB, u8 or u16 over their full range, C-contiguous.
    alpha
        (H, W) of the same type, or None; passed through.
    metadata
        What is written beside the pixels.
    tag_srgb
        Whether to embed an sRGB profile: the source had a profile of its own.
    lossless
        Whether the source's format keeps pixels as they are, where its output's can do both.
    salvaged
        Whether the source was damaged, and this is what could be read of it.
    tiff_storage
        How the source stored its pixels, for an output that is a TIFF too.
    notes
        What the user is to know of it, a line each.
    """

    pixels: NDArray[Any]
    alpha: NDArray[Any] | None = None
    metadata: Metadata = field(default_factory=Metadata)
    tag_srgb: bool = False
    lossless: bool = False
    salvaged: bool = False
    tiff_storage: TiffStorage = field(default_factory=TiffStorage)
    notes: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        """Size in pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Size in pixels."""
        return int(self.pixels.shape[1])

    def decoded(self) -> PixelPicture:
        """Itself, as a `PictureFile` that was decoded before it came."""
        return self

    def inverted(self) -> PixelPicture:
        """The picture with light and dark turned around."""
        return replace(self, pixels=np.iinfo(self.pixels.dtype).max - self.pixels)

    def l_plane(self, height: int, width: int, box: Box = WHOLE) -> NDArray[np.float32]:
        """(height, width) CIELAB L* in 0..100 of a part, area-averaged; a new array."""
        return cpu.l_plane(self.pixels[box.pixels(self.height, self.width)], height, width)

    def is_in_color(self) -> bool:
        """Whether it shows more than one tint; see `is_in_color`."""
        return self.pixels.ndim == 3 and is_in_color(self.pixels)

    def recolored(self, ab_planes: NDArray[np.float32], look: Look) -> PixelPicture:
        """The same picture in RGB, same depth; see `Picture.recolored`."""
        rgb = cpu.merge_ab(self.pixels, ab_planes, saturation=look.gain, upsample=look.upsample)
        if look.label:
            draw_label(rgb, look.label)
        return replace(self, pixels=rgb)

    def encoded(
        self, picture_format: PictureFormat, quality: int, provenance: Provenance | None = None
    ) -> bytes:
        """The bytes of a file; see `RecoloredPicture.encoded`."""
        metadata = self._marked(provenance)
        encoded, has_alpha = self._encoded(picture_format, quality, metadata)
        return self._with_metadata(encoded, picture_format, metadata, has_alpha=has_alpha)

    def encoded_bare(self, picture_format: PictureFormat, quality: int) -> bytes:
        """The bytes of a file without metadata."""
        return self._encoded(picture_format, quality, Metadata())[0]

    def encoded_animation(
        self,
        picture_format: PictureFormat,
        quality: int,
        provenance: Provenance | None,
        *,
        frame_height: int,
        times: dict[str, Any],
    ) -> bytes:
        """The bytes of an animation whose frames lie one below the other.

        Parameters
        ----------
        picture_format, quality, provenance
            As `encoded` takes them.
        frame_height
            Rows of each frame.
        times
            "delay", milliseconds of each frame, and "loop".
        """
        metadata = self._marked(provenance)
        encoded, has_alpha = self._encoded(
            picture_format, quality, metadata, frame_height=frame_height, times=times
        )
        return self._with_metadata(
            encoded, picture_format, metadata, has_alpha=has_alpha, height=frame_height
        )

    def _marked(self, provenance: Provenance | None) -> Metadata:
        if provenance is None:
            return self.metadata
        return replace(provenance, salvaged=self.salvaged).marked(self.metadata)

    def _encoded(
        self,
        picture_format: PictureFormat,
        quality: int,
        metadata: Metadata,
        *,
        frame_height: int = 0,
        times: dict[str, Any] | None = None,
    ) -> tuple[bytes, bool]:
        """A file as libvips writes it, and whether it has alpha."""
        image = self._image()
        if self.alpha is not None and not picture_format.has_alpha:
            image = image.flatten(background=255 if self.pixels.dtype == np.uint8 else 65535)
        if self.pixels.dtype == np.uint16 and picture_format.bits == 8:
            image = image.colourspace("srgb")
        options = _save_options(
            picture_format, quality, sixteen=image.format == "ushort", lossless=self.lossless
        )
        if picture_format.name == "tiff" and not frame_height:
            options = self.tiff_storage.save_options(
                quality or _JPEG_IN_TIFF, sixteen=image.format == "ushort"
            )
        # Metadata is put in afterwards, but into AVIF, whose items libheif alone lays out.
        options["keep"] = "icc"
        if picture_format.name == "avif":
            options["keep"] = "exif|xmp|icc"
            image = _with_items(image, metadata)
        if frame_height:
            image = image.copy()
            for name, value in (times or {}).items():
                gtype = pyvips.GValue.array_int_type if name == "delay" else pyvips.GValue.gint_type
                image.set_type(gtype, name, value)
            options |= {"page_height": frame_height, "keep": "icc|other"}
        if self.tag_srgb:
            options["profile"] = "srgb"
        try:
            encoded: bytes = getattr(image, _SAVERS[picture_format.name])(**options)
        except pyvips.Error as error:
            raise UnwritableError(
                f"{self.width} x {self.height} pixels cannot be encoded as {picture_format.name}; "
                "name another --format"
            ) from error
        return encoded, image.hasalpha()

    def lost_in(self, picture_format: PictureFormat) -> tuple[str, ...]:
        """The kinds of metadata that a format has no place for."""
        return self.metadata.lost_in(picture_format)

    def _with_metadata(
        self,
        encoded: bytes,
        picture_format: PictureFormat,
        metadata: Metadata,
        *,
        has_alpha: bool,
        height: int = 0,
    ) -> bytes:
        match picture_format.name:
            case "jpg":
                if metadata.dpi is not None:
                    encoded = with_jfif_density(encoded, metadata.dpi)
                return with_jpeg_metadata(
                    encoded,
                    exif=metadata.exif,
                    xmp=metadata.xmp,
                    iptc=metadata.iptc,
                    comments=metadata.comments,
                )
            case "png":
                return with_png_metadata(encoded, metadata)
            case "webp":
                return with_webp_metadata(
                    encoded,
                    metadata_with_resolution(metadata),
                    height=height or self.height,
                    width=self.width,
                    has_alpha=has_alpha,
                )
            case "tiff":
                file = io.BytesIO()
                TiffPages(file, several=False).append(encoded, metadata)
                return file.getvalue()
            case _:
                return encoded

    def channels_last(self) -> NDArray[Any]:
        """(H, W) or (H, W, C), alpha last; shares memory where there is no alpha."""
        return self.pixels if self.alpha is None else np.dstack([self.pixels, self.alpha])

    def _image(self) -> Any:
        color = self.pixels.ndim == 3
        image = pyvips.Image.new_from_array(self.channels_last())
        if self.pixels.dtype == np.uint8:
            image = image.copy(interpretation="srgb" if color else "b-w")
        else:
            image = image.copy(interpretation="rgb16" if color else "grey16")
        return image


def _with_items(image: Any, metadata: Metadata) -> Any:
    metadata = metadata_with_resolution(metadata)
    image = image.copy()
    if metadata.exif:
        image.set_type(pyvips.GValue.blob_type, "exif-data", b"Exif\0\0" + metadata.exif)
    if metadata.xmp:
        image.set_type(pyvips.GValue.blob_type, "xmp-data", metadata.xmp)
    if metadata.dpi is not None:  # libvips writes its own into EXIF
        x, y = (n / 25.4 for n in metadata.dpi)
        image = image.copy(xres=x, yres=y)
        image.set_type(pyvips.GValue.gstr_type, "resolution-unit", "in")
    return image


_JPEG_IN_TIFF: Final = 90
_SAVERS = {
    "jpg": "jpegsave_buffer",
    "png": "pngsave_buffer",
    "webp": "webpsave_buffer",
    "tiff": "tiffsave_buffer",
    "avif": "heifsave_buffer",
}


def _save_options(
    picture_format: PictureFormat, quality: int, *, sixteen: bool, lossless: bool
) -> dict[str, Any]:
    q = quality or picture_format.quality
    match picture_format.name:
        case "jpg":
            # Predicted chroma has no detail that 4:4:4 could keep.
            return {"Q": q, "subsample_mode": "on"}
        case "png":
            return {"compression": 4}
        case "webp":
            return {"lossless": True, "effort": 2} if lossless else {"Q": q, "effort": 2}
        case "tiff":
            return {"compression": "deflate", "predictor": "horizontal"}
        case "avif":
            return {"Q": q, "compression": "av1", "effort": 3, "bitdepth": 12 if sixteen else 8}
        case name:
            raise UnwritableError(f"no writer for the format {name!r}")
