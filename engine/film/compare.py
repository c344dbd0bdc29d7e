"""Frames that show gray and colour at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .film_options import Compare
from .media.libav import av
from .media.pixel_layout import PixelLayout
from .media.planes import plane_of

if TYPE_CHECKING:
    from av import VideoFrame


def compared(frame: VideoFrame, layout: PixelLayout, compare: Compare) -> VideoFrame:
    """A painted frame beside, or half covered by, itself in gray.

    Parameters
    ----------
    frame
        Writable, of the layout.
    compare
        "none" gives the frame; "side" one of twice the width, gray at the left; "split" makes the
        frame's left half gray.
    """
    if compare == "none":
        return frame
    neutral = 2 ** (layout.depth - 1)
    if compare == "split":
        for index in (1, 2):
            chroma = plane_of(frame, index, layout.depth)
            chroma[:, : chroma.shape[1] // 2] = neutral
        return frame
    out = av.VideoFrame(2 * frame.width, frame.height, layout.name)
    for index in range(3):
        plane, both = plane_of(frame, index, layout.depth), plane_of(out, index, layout.depth)
        width = plane.shape[1]
        both[:, :width] = plane if index == 0 else neutral
        both[:, width:] = plane
    out.pts, out.time_base, out.duration = frame.pts, frame.time_base, frame.duration
    out.colorspace, out.color_range = frame.colorspace, frame.color_range
    return out
