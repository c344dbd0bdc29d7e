"""Frames into a segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..color.track_state import TrackState
from ..media.video_encoder import VideoEncoder
from .segment import SegmentWriter

if TYPE_CHECKING:
    from av import VideoFrame


class SegmentEncoder:
    """An encoder of its own for one segment, so that the segment can be decoded by itself.

    Parameters
    ----------
    encoder
        How to encode.
    writer
        Where to; taken over.

    Raises
    ------
    FFmpegError, OSError
        Here and from every method: the encoder or the disk fails.
    """

    def __init__(self, encoder: VideoEncoder, writer: SegmentWriter) -> None:
        self._encoder = encoder
        self._writer = writer
        self._context = encoder.opened()

    def add(self, frame: VideoFrame) -> None:
        """Encode a painted frame."""
        self._writer.add(self._context.encode(self._encoder.for_encoding(frame)))

    def finish(self, state: TrackState) -> None:
        """Write what the encoder still holds, and give the segment its name."""
        self._writer.add(self._context.encode(None))
        self._writer.finish(state)

    def discard(self) -> None:
        """Leave nothing behind."""
        self._writer.discard()
