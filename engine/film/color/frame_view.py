"""The small pictures of a frame that its colour is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ....kernels import cpu
from ...pictures.preparation.box import WHOLE, Box
from ..media.color_tags import ColorTags
from ..media.pixel_layout import PixelLayout
from ..media.planes import plane_of
from .opencv import cv2

if TYPE_CHECKING:
    from av import VideoFrame


@dataclass(frozen=True, slots=True)
class FrameView:
    """A frame's luma, reduced.

    Parameters
    ----------
    guide
        (h, w) luma codes at the size of the chroma planes, in the type of the frame's.
    small_u8
        (h, w) full-range luma at the size at which motion is looked for.
    table_u8
        Full-range luma of every code.
    """

    guide: NDArray[Any]
    small_u8: NDArray[np.uint8]
    table_u8: NDArray[np.uint8]

    def l_plane(self, height: int, width: int, box: Box = WHOLE) -> NDArray[np.float32]:
        """(height, width) L* 0..100 of a part of the frame, as the model sees it."""
        part = self.guide[box.pixels(*self.guide.shape)]
        return cpu.l_plane(looked_up(part, self.table_u8), height, width)

    def turned(self, quarter_turns: int) -> FrameView:
        """The view of the frame turned against the clock; itself for no turn."""
        if quarter_turns % 4 == 0:
            return self
        guide, small_u8 = (
            np.ascontiguousarray(np.rot90(plane, quarter_turns))
            for plane in (self.guide, self.small_u8)
        )
        return FrameView(guide, small_u8, self.table_u8)


class FrameViewer:
    """Looks at frames of one layout.

    Parameters
    ----------
    layout
        Of frames whose plane 0 is luma; its chroma size is that of the guide.
    tags
        Say what the luma codes mean.
    is_interlaced
        Whether chroma belongs to fields, so that each is reduced by itself.
    motion_height, motion_width
        Of `FrameView.small_u8`.
    """

    def __init__(
        self,
        layout: PixelLayout,
        tags: ColorTags,
        *,
        is_interlaced: bool,
        motion_height: int,
        motion_width: int,
    ) -> None:
        self._layout = layout
        self._table = tags.luma_table(layout.depth)
        self._fields = 2 if is_interlaced and layout.shrink_y == 2 else 1
        self._motion_size = (motion_width, motion_height)

    def view(self, frame: VideoFrame) -> FrameView:
        """Look at a frame of the layout."""
        luma = plane_of(frame, 0, self._layout.depth)
        height = -(-frame.height // self._layout.shrink_y)
        width = -(-frame.width // self._layout.shrink_x)
        if self._fields == 1:
            guide = _reduced(luma, height, width)
        else:
            guide = np.empty((height, width), luma.dtype)
            for field in range(2):
                rows = guide[field::2]
                rows[:] = _reduced(luma[field::2], *rows.shape)
        return FrameView(guide, looked_up(self._small(guide), self._table), self._table)

    def _small(self, plane: NDArray[Any]) -> NDArray[Any]:
        width, height = self._motion_size
        # Exact halvings are many times cheaper than one odd reduction.
        while min(plane.shape[0] / height, plane.shape[1] / width) > 1.5:
            plane = _reduced(plane, plane.shape[0] // 2, plane.shape[1] // 2)
        return _reduced(plane, height, width)


def looked_up(codes: NDArray[Any], table_u8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A table's entries for codes of its depth."""
    full: NDArray[np.uint8]
    full = cv2.LUT(codes, table_u8) if codes.dtype == np.uint8 else table_u8[codes]
    return full


def _reduced(plane: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    if plane.shape == (height, width):
        return plane
    grows = height > plane.shape[0] or width > plane.shape[1]
    how = cv2.INTER_LINEAR if grows else cv2.INTER_AREA
    reduced: NDArray[Any] = cv2.resize(plane, (width, height), interpolation=how)
    return reduced
