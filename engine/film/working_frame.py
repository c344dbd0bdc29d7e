"""Decoded frames in the pixel format that is painted and encoded, their luma as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .color_tags import ColorTags
from .pixel_layout import PixelLayout, layout_of
from .planes import plane_of

if TYPE_CHECKING:
    from av import VideoFrame

# SWS_CS of H.273 matrices: swscale knows both BT.601 as 5.
_BT601_SWS = 5


class FrameConverter:
    """Makes writable frames of one layout and size.

    A frame that has them already is only copied if the decoder still needs it, so everything that
    belongs to it stays: side data, field flags, alpha-free padding. Others are converted; luma of
    the same depth is then copied over what the conversion made of it.

    Parameters
    ----------
    layout
        To convert to.
    tags
        To put on every frame.
    height, width
        Of the output; a source that changes its size is scaled to it.
    """

    def __init__(self, layout: PixelLayout, tags: ColorTags, *, height: int, width: int) -> None:
        self.resized = 0
        self._layout = layout
        self._tags = tags
        self._height, self._width = height, width

    def converted(self, frame: VideoFrame) -> VideoFrame:
        """A writable frame of the layout; the one given, where that is possible."""
        same_size = (frame.height, frame.width) == (self._height, self._width)
        self.resized += not same_size
        if same_size and frame.format.name == self._layout.name:
            frame.make_writable()
            self._tags.put_on(frame)
            return frame
        source = layout_of(frame.format.name)
        out = frame.reformat(
            width=self._width,
            height=self._height,
            format=self._layout.name,
            dst_colorspace=_BT601_SWS if self._tags.matrix == 6 else self._tags.matrix,
            src_color_range=None if source.is_rgb else self._tags.av_range,
            dst_color_range=self._tags.av_range,
        )
        out.pts, out.time_base, out.duration = frame.pts, frame.time_base, frame.duration
        if same_size and source.has_luma_plane and source.depth == self._layout.depth:
            plane_of(out, 0, source.depth)[:] = plane_of(frame, 0, source.depth)
        self._tags.put_on(out)
        return out
