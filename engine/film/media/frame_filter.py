"""FFmpeg's filters between a decoder and the colours: fields woven into frames, frames turned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .libav import FFmpegError, av

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from av import VideoFrame

# One frame for each that comes in, whatever it is marked as; w3fdif and estdif are slower or worse.
DEINTERLACE: Final = ("bwdif", "mode=send_frame:deint=all")
# Counter-clockwise quarter turns -> filters.
TURNS: Final = {
    1: (("transpose", "cclock"),),
    2: (("hflip", ""), ("vflip", "")),
    3: (("transpose", "clock"),),
}


class FrameFilter:
    """A chain of filters for frames of one size and format; built anew where these change.

    Parameters
    ----------
    filters
        Names and arguments, in order.
    time_base
        Of the frames.
    """

    def __init__(self, filters: tuple[tuple[str, str], ...], time_base: Fraction) -> None:
        self._filters = filters
        self._time_base = time_base
        self._graph: Any = None
        self._shape: tuple[int, int, str] | None = None

    def filtered(self, frame: VideoFrame) -> Iterator[VideoFrame]:
        """What comes out for a frame: it, changed, or earlier ones that waited for it."""
        shape = (frame.width, frame.height, frame.format.name)
        if shape != self._shape:
            yield from self.flushed()
            self._build(frame)
            self._shape = shape
        frame.time_base = self._time_base
        self._graph.push(frame)
        yield from self._pulled()

    def flushed(self) -> Iterator[VideoFrame]:
        """What still waits at the end."""
        if self._graph is not None:
            self._graph.push(None)
            yield from self._pulled()
            self._graph = None

    def _build(self, frame: VideoFrame) -> None:
        graph: Any = av.filter.Graph()
        last = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=self._time_base
        )
        for name, arguments in self._filters:
            node = graph.add(name, arguments)
            last.link_to(node)
            last = node
        last.link_to(graph.add("buffersink"))
        graph.configure()
        self._graph = graph

    def _pulled(self) -> Iterator[VideoFrame]:
        while True:
            try:
                yield self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError, FFmpegError):
                return
