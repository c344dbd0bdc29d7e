"""New chroma planes beside the luma of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from ...kernels import cpu
from ..look import Look, Upsample
from .color_tags import ColorTags
from .frame_view import FrameView
from .opencv import cv2
from .pixel_layout import PixelLayout
from .planes import plane_of

if TYPE_CHECKING:
    from av import VideoFrame

# Chroma planes so many times as wide as the model's are worth being enlarged along edges.
GUIDED_FROM: Final = 2.5


class FramePainter:
    """Writes colour into frames; may be used by several threads at a time.

    Parameters
    ----------
    layout
        A planar YCbCr format.
    tags
        Say what the chroma codes must mean.
    look
        How the colour is put in; "guided" means bilinear for films so small that it is no gain.
    """

    def __init__(self, layout: PixelLayout, tags: ColorTags, look: Look) -> None:
        self._layout = layout
        self._look = look
        self._map = tags.chroma_map(layout.depth)
        self._code_type = cv2.CV_8U if layout.depth == 8 else cv2.CV_16U
        self._top = 2**layout.depth - 1

    def paint(
        self, frame: VideoFrame, view: FrameView, ab_planes: NDArray[np.float32]
    ) -> VideoFrame:
        """Replace the chroma of a frame.

        Parameters
        ----------
        frame
            Writable, of the layout; luma is left alone.
        view
            Of this frame.
        ab_planes
            (2, h, w) a*, b* of any size, as the frame is stored.

        Returns
        -------
        VideoFrame
            `frame`.
        """
        cb_cr_u8 = cpu.chroma_planes(
            view.guide_u8,
            ab_planes,
            saturation=self._look.saturation,
            upsample=self._upsample(view.guide_u8.shape[1], ab_planes.shape[2]),
        )
        for index, (of_cb, of_cr, offset) in enumerate(self._map.tolist(), start=1):
            plane = plane_of(frame, index, self._layout.depth)
            cv2.addWeighted(
                cb_cr_u8[0], of_cb, cb_cr_u8[1], of_cr, offset, dst=plane, dtype=self._code_type
            )
            if self._layout.depth > 8:
                np.minimum(plane, self._top, out=plane)
        return frame

    def _upsample(self, width: int, ab_width: int) -> Upsample:
        return self._look.upsample if width >= GUIDED_FROM * ab_width else "bilinear"
