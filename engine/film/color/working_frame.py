"""Decoded frames in the pixel format that is painted and encoded, their luma as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..media.color_tags import BT601, ColorTags
from ..media.libav import Colorspace, av
from ..media.pixel_layout import PixelLayout, layout_of
from ..media.planes import plane_of

if TYPE_CHECKING:
    from av import VideoFrame

# SWS_CS of H.273 matrices: swscale knows both BT.601 as 5.


class FrameConverter:
    """Makes frames of one layout and size whose chroma can be written to.

    A frame whose luma fits gets chroma planes of its own beside that very luma: no pixel is copied.
    One that carries more, such as captions or fields, is copied whole if the decoder still needs
    it, so that what belongs to it stays. Others are converted; luma of the same depth is then
    copied over what the conversion made of it.

    Parameters
    ----------
    layout
        To convert to.
    tags
        To put on every frame.
    source_tags
        Of the source: its range may be another.
    height, width
        Of the output; a source that changes its size is scaled to it.
    """

    def __init__(
        self,
        layout: PixelLayout,
        tags: ColorTags,
        *,
        source_tags: ColorTags,
        height: int,
        width: int,
    ) -> None:
        self.resized = 0
        self._layout = layout
        self._tags = tags
        self._source_range = source_tags.av_range
        self._same_range = source_tags.full_range == tags.full_range
        self._height, self._width = height, width
        self._chroma_size = (width // layout.shrink_x, height // layout.shrink_y)
        self._chroma_fits = width % layout.shrink_x == 0 and height % layout.shrink_y == 0

    def converted(self, frame: VideoFrame) -> VideoFrame:
        """A frame of the layout, the one given where that is possible.

        Luma may be the decoder's, and is not to be written to.
        """
        same_size = (frame.height, frame.width) == (self._height, self._width)
        self.resized += not same_size
        source = layout_of(frame.format.name)
        same_codes = source.has_luma_plane and source.depth == self._layout.depth
        same_luma = same_size and same_codes and self._same_range
        if same_luma and self._chroma_fits and not _carries_more(frame):
            out = self._beside_new_chroma(frame)
        elif same_size and self._same_range and source.name == self._layout.name:
            frame.make_writable()
            self._tags.put_on(frame)
            return frame
        else:
            out = frame.reformat(
                width=self._width,
                height=self._height,
                format=self._layout.name,
                dst_colorspace=Colorspace.ITU601
                if self._tags.matrix == BT601
                else self._tags.matrix,
                src_color_range=None if source.is_rgb else self._source_range,
                dst_color_range=self._tags.av_range,
            )
            if same_luma:
                plane_of(out, 0, source.depth)[:] = plane_of(frame, 0, source.depth)
        out.pts, out.time_base, out.duration = frame.pts, frame.time_base, frame.duration
        self._tags.put_on(out)
        return out

    def _beside_new_chroma(self, frame: VideoFrame) -> VideoFrame:
        # Memory of FFmpeg's own: NumPy's would need the GIL when an encoder's thread frees it.
        pixel_format = "gray" if self._layout.depth == 8 else "gray16le"
        planes = [av.VideoFrame(*self._chroma_size, pixel_format).planes[0] for _ in range(2)]
        return av.VideoFrame.from_dlpack([frame.planes[0], *planes], self._layout.name)


def _carries_more(frame: VideoFrame) -> bool:
    if frame.interlaced_frame or frame.planes[0].line_size < 0:
        return True
    try:
        return len(frame.side_data) > 0
    except ValueError:  # there is some that PyAV does not know
        return True
