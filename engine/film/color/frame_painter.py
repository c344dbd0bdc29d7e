"""New chroma planes beside the luma of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ....kernels import film
from ...pictures.look import Look
from ..media.color_tags import ColorTags
from ..media.pixel_layout import PixelLayout
from ..media.planes import plane_of
from .frame_view import FrameView
from .opencv import cv2

if TYPE_CHECKING:
    from av import VideoFrame

# Chroma planes so many times as wide as the model's are worth being enlarged along edges.
GUIDED_FROM: Final = 2.5
# Below that, from here on, chroma is made at half their size, which is still that of the model's
# colour, and enlarged: the time for it counts in small films, and edges gain nothing.
HALVED_FROM: Final = 1.8


class FramePainter:
    """Writes colour into frames.

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
        self._code = tags.chroma_code(layout.depth)

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
        planes = [plane_of(frame, index, self._layout.depth) for index in (1, 2)]
        ratio = view.guide.shape[1] / ab_planes.shape[2]
        if not HALVED_FROM <= ratio < GUIDED_FROM:
            self._write(view.guide, ab_planes, planes, guided=ratio >= GUIDED_FROM)
            return frame
        height, width = view.guide.shape
        size = (-(-width // 2), -(-height // 2))
        guide = cv2.resize(view.guide, size, interpolation=cv2.INTER_AREA)
        halves = [np.empty_like(guide) for _ in planes]
        self._write(guide, ab_planes, halves, guided=False)
        for half, plane in zip(halves, planes, strict=True):
            cv2.resize(half, (width, height), dst=plane, interpolation=cv2.INTER_LINEAR)
        return frame

    def _write(
        self,
        guide: NDArray[Any],
        ab_planes: NDArray[np.float32],
        planes: list[NDArray[Any]],
        *,
        guided: bool,
    ) -> None:
        film.write_chroma(
            guide,
            ab_planes,
            self._code,
            *planes,
            saturation=self._look.gain,
            upsample=self._look.upsample if guided else "bilinear",
        )
