"""The small pictures of a frame that its colour is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...kernels import cpu
from .color_tags import ColorTags
from .opencv import cv2
from .pixel_layout import PixelLayout
from .planes import plane_of

if TYPE_CHECKING:
    from av import VideoFrame


@dataclass(frozen=True, slots=True)
class FrameView:
    """A frame's luma, reduced.

    Parameters
    ----------
    guide_u8
        (h, w) full-range luma at the size of the chroma planes.
    small_u8
        (h, w) the same at the size at which motion is looked for.
    """

    guide_u8: NDArray[np.uint8]
    small_u8: NDArray[np.uint8]

    def l_plane(self, height: int, width: int) -> NDArray[np.float32]:
        """(height, width) L* 0..100, as the model sees the frame."""
        return cpu.l_plane(self.guide_u8, height, width)


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
            coded = _reduced(luma, height, width)
        else:
            coded = np.empty((height, width), luma.dtype)
            for field in range(2):
                rows = coded[field::2]
                rows[:] = _reduced(luma[field::2], *rows.shape)
        guide_u8: NDArray[Any]
        guide_u8 = cv2.LUT(coded, self._table) if coded.dtype == np.uint8 else self._table[coded]
        return FrameView(guide_u8, self._small(guide_u8))

    def _small(self, guide_u8: NDArray[np.uint8]) -> NDArray[np.uint8]:
        width, height = self._motion_size
        # Exact halvings are many times cheaper than one odd reduction.
        while min(guide_u8.shape[0] / height, guide_u8.shape[1] / width) > 1.5:
            guide_u8 = _reduced(guide_u8, guide_u8.shape[0] // 2, guide_u8.shape[1] // 2)
        return _reduced(guide_u8, height, width)


def _reduced(plane: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    if plane.shape == (height, width):
        return plane
    grows = height > plane.shape[0] or width > plane.shape[1]
    how = cv2.INTER_LINEAR if grows else cv2.INTER_AREA
    reduced: NDArray[Any] = cv2.resize(plane, (width, height), interpolation=how)
    return reduced
