"""What the numbers of a film's luma and chroma mean: matrix, range, primaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from ....kernels.reference import ChromaCode
from .libav import ColorPrimaries, ColorRange
from .pixel_layout import PixelLayout

if TYPE_CHECKING:
    from av import VideoFrame

# ITU-T H.273, table 4: MatrixCoefficients -> the weights of red and blue in luma.
WEIGHTS: Final[Mapping[int, tuple[float, float]]] = {
    1: (0.2126, 0.0722),  # BT.709
    4: (0.30, 0.11),  # FCC
    5: (0.299, 0.114),  # BT.601, 625 lines
    6: (0.299, 0.114),  # BT.601, 525 lines
    7: (0.212, 0.087),  # SMPTE ST 240
    9: (0.2627, 0.0593),  # BT.2020
}
BT709: Final = 1
BT601: Final = 6
HD_HEIGHT: Final = 720
HD_WIDTH: Final = 1280


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorTags:
    """The colour tags of a film, with everything decided that chroma depends on.

    Parameters
    ----------
    matrix
        A key of `WEIGHTS`.
    full_range
        Whether luma covers all codes, or 16..235 and chroma 16..240 (of 8 bits).
    primaries, transfer
        As in ITU-T H.273; 2 is unknown.
    """

    matrix: int
    full_range: bool
    primaries: int
    transfer: int

    def chroma_code(self, depth: int) -> ChromaCode:
        """Meaning of chroma codes of `depth` bits."""
        red_weight, blue_weight = WEIGHTS[self.matrix]
        return ChromaCode(
            depth=depth,
            full_range=self.full_range,
            red_weight=red_weight,
            blue_weight=blue_weight,
            is_wide=self.primaries == ColorPrimaries.BT2020,
        )

    def luma_table(self, depth: int) -> NDArray[np.uint8]:
        """(2**depth,) uint8: full-range 8-bit luma of every code."""
        low, high = self.chroma_code(depth).luma_range
        codes = np.arange(2**depth)
        return np.clip((codes - low) * (255 / (high - low)) + 0.5, 0, 255).astype(np.uint8)

    def put_on(self, frame: VideoFrame) -> None:
        """Tag a frame."""
        frame.colorspace = self.matrix
        frame.color_range = self.av_range
        frame.color_primaries, frame.color_trc = self.primaries, self.transfer

    @property
    def av_range(self) -> int:
        """Number of a range by FFmpeg's count."""
        return ColorRange.JPEG if self.full_range else ColorRange.MPEG


def tags_of(frame: VideoFrame, layout: PixelLayout) -> ColorTags:
    """The tags of a decoded frame; what is not told is what players take it for.

    Without a matrix, that is BT.709 for HD and BT.601 below. Without a range, gray is full-range
    and YCbCr limited. RGB becomes limited YCbCr.
    """
    is_hd = frame.height >= HD_HEIGHT or frame.width >= HD_WIDTH
    matrix = frame.colorspace if frame.colorspace in WEIGHTS else BT709 if is_hd else BT601
    is_full = (
        frame.color_range == ColorRange.JPEG
        or layout.name.startswith("yuvj")
        or (frame.color_range != ColorRange.MPEG and layout.shrink_x == 0)
    )
    return ColorTags(
        matrix=matrix,
        full_range=is_full and not layout.is_rgb,
        primaries=frame.color_primaries,
        transfer=frame.color_trc,
    )
