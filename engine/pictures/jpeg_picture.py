"""A JPEG as its own luma coefficients: the coefficient path of JPEG to JPEG, without full-size pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import UnwritableError
from ...kernels import cpu
from ...kernels.jpeg import JpegFile, Shrink
from .formats import PictureFormat
from .is_in_color import is_in_color
from .look import Look
from .metadata.jpeg_segments import jpeg_metadata, with_jpeg_metadata
from .metadata.provenance import Provenance
from .orientation import as_stored, is_turned, upright
from .preparation.box import WHOLE, Box
from .vips import pyvips

_COLOR_CHECK_PIXELS = 256
# Chroma planes of a quarter of the luma's size are made where they are still at least as fine as
# what networks predict.
_QUARTER_FROM = 4 * 256


@dataclass(frozen=True, slots=True)
class JpegPicture:
    """A gray or YCbCr JPEG whose luma stays as it is coded; see `Picture`.

    Parameters
    ----------
    file
        The parsed file.
    file_bytes
        The same file's bytes.
    notes
        What the user is to know of it, a line each.
    """

    file: JpegFile
    file_bytes: bytes
    notes: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        """Size in pixels, upright."""
        return self.file.width if is_turned(self.file.orientation) else self.file.height

    @property
    def width(self) -> int:
        """Size in pixels, upright."""
        return self.file.height if is_turned(self.file.orientation) else self.file.width

    def decode(self) -> None:
        """Decode what the rest needs, so that damage shows now; raises DamagedJpeg."""
        self.file.luma_for_chroma(self._shrink)

    def l_plane(self, height: int, width: int, box: Box = WHOLE) -> NDArray[np.float32]:
        """(height, width) L* of a part from a scaled inverse DCT; raises DamagedJpeg."""
        turned = is_turned(self.file.orientation)
        size = math.ceil(height / box.height), math.ceil(width / box.width)
        luma_u8 = self.file.luma_plane(*(size[::-1] if turned else size))
        luma_u8 = upright(luma_u8, self.file.orientation)
        luma_u8 = np.ascontiguousarray(luma_u8[box.pixels(*luma_u8.shape)])
        return cpu.l_plane(luma_u8, height, width)

    def is_in_color(self) -> bool:
        """Whether a gray file, or one of a single tint: False; see `is_in_color`."""
        if self.file.components == 1:
            return False
        small = pyvips.Image.thumbnail_buffer(self.file_bytes, _COLOR_CHECK_PIXELS)
        return is_in_color(small.colourspace("srgb").numpy())

    def recolored(self, ab_planes: NDArray[np.float32], look: Look) -> RecoloredJpeg:
        """New chroma at the chroma planes' size; raises DamagedJpeg."""
        shrink: Shrink = 1 if look.chroma == "444" else self._shrink
        stored = as_stored(ab_planes.transpose(1, 2, 0), self.file.orientation)
        cb_cr_u8 = cpu.chroma_planes(
            self.file.luma_for_chroma(shrink),
            np.ascontiguousarray(stored.transpose(2, 0, 1)),
            saturation=look.gain,
            upsample=look.upsample,
        )
        return RecoloredJpeg(self.file, cb_cr_u8, shrink, self.notes)

    @property
    def _shrink(self) -> Shrink:
        """Factor by which the chroma planes of a 4:2:0 result are smaller than luma."""
        return 4 if min(self.height, self.width) >= _QUARTER_FROM else 2


@dataclass(frozen=True, slots=True)
class RecoloredJpeg:
    """A JPEG with new chroma; see `RecoloredPicture`.

    Parameters
    ----------
    file
        The source.
    cb_cr_u8
        (2, h, w) full-range chroma at `file.chroma_size(shrink)`.
    shrink
        How many times smaller than luma they are.
    notes
        Of the source.
    """

    file: JpegFile
    cb_cr_u8: NDArray[np.uint8]
    shrink: Shrink
    notes: tuple[str, ...] = ()

    def lost_in(self, picture_format: PictureFormat) -> tuple[str, ...]:
        """Nothing: all segments are kept."""
        del picture_format
        return ()

    def encoded(
        self, picture_format: PictureFormat, quality: int, provenance: Provenance | None = None
    ) -> bytes:
        """The bytes of a JPEG file; `quality` is that of chroma, 0 that of the source or better."""
        if picture_format.name != "jpg":
            raise UnwritableError(f"JPEG coefficients cannot be written as {picture_format.name}")
        encoded = self.file.with_chroma(
            self.cb_cr_u8[0],
            self.cb_cr_u8[1],
            shrink=self.shrink,
            quality=quality or None,
        )
        if provenance is None:
            return encoded
        marked = provenance.marked(jpeg_metadata(encoded))
        return with_jpeg_metadata(encoded, exif=marked.exif, xmp=marked.xmp)
