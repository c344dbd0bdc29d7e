"""A picture as decoded pixels: the pixel path of every format but JPEG to JPEG."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import UnwritableError
from ...kernels import cpu
from .formats import PictureFormat
from .is_in_color import is_in_color
from .look import Look
from .preparation.box import WHOLE, Box
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
        libvips metadata to write again: name -> (GType, value). EXIF, XMP, IPTC, resolution.
    tag_srgb
        Whether to embed an sRGB profile: the source had a profile of its own.
    """

    pixels: NDArray[Any]
    alpha: NDArray[Any] | None = None
    metadata: dict[str, tuple[int, Any]] = field(default_factory=dict)
    tag_srgb: bool = False

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

    def l_plane(self, height: int, width: int, box: Box = WHOLE) -> NDArray[np.float32]:
        """(height, width) CIELAB L* in 0..100 of a part, area-averaged; a new array."""
        return cpu.l_plane(self.pixels[box.pixels(self.height, self.width)], height, width)

    def is_in_color(self) -> bool:
        """Whether it shows more than one tint; see `is_in_color`."""
        return self.pixels.ndim == 3 and is_in_color(self.pixels)

    def recolored(self, ab_planes: NDArray[np.float32], look: Look) -> PixelPicture:
        """The same picture in RGB, same depth; see `Picture.recolored`."""
        rgb = cpu.merge_ab(self.pixels, ab_planes, saturation=look.gain, upsample=look.upsample)
        return replace(self, pixels=rgb)

    def encoded(self, picture_format: PictureFormat, quality: int) -> bytes:
        """The bytes of a file; see `RecoloredPicture.encoded`."""
        image = self._image()
        if self.alpha is not None and not picture_format.has_alpha:
            image = image.flatten(background=255 if self.pixels.dtype == np.uint8 else 65535)
        if self.pixels.dtype == np.uint16 and picture_format.bits == 8:
            image = image.colourspace("srgb")
        options = _save_options(picture_format, quality, sixteen=image.format == "ushort")
        if self.tag_srgb:
            options["profile"] = "srgb"
        try:
            encoded: bytes = getattr(image, _SAVERS[picture_format.name])(**options)
        except pyvips.Error as error:
            raise UnwritableError(
                f"{self.width} x {self.height} pixels cannot be encoded as {picture_format.name}; "
                "name another --format"
            ) from error
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
        if self.metadata:
            image = image.copy()
            for name, (gtype, value) in self.metadata.items():
                image.set_type(gtype, name, value)
        return image


_SAVERS = {
    "jpg": "jpegsave_buffer",
    "png": "pngsave_buffer",
    "webp": "webpsave_buffer",
    "tiff": "tiffsave_buffer",
    "avif": "heifsave_buffer",
}


def _save_options(picture_format: PictureFormat, quality: int, *, sixteen: bool) -> dict[str, Any]:
    q = quality or picture_format.quality
    match picture_format.name:
        case "jpg":
            # Predicted chroma has no detail that 4:4:4 could keep.
            return {"Q": q, "subsample_mode": "on"}
        case "png":
            return {"compression": 4}
        case "webp":
            return {"Q": q, "effort": 2}
        case "tiff":
            return {"compression": "deflate", "predictor": "horizontal"}
        case "avif":
            return {"Q": q, "compression": "av1", "effort": 3, "bitdepth": 12 if sixteen else 8}
        case name:
            raise UnwritableError(f"no writer for the format {name!r}")
