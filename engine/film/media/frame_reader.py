"""The frames of a film in the order they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .film_info import FilmInfo, open_film, video_stream
from .libav import FFmpegError, InvalidDataError, unreadable
from .timeline import Timeline

if TYPE_CHECKING:
    from av import VideoFrame


class FrameReader:
    """Decodes a film; what cannot be decoded is passed over and counted.

    Every frame has a timestamp in `time_base`, later than the one before.

    Parameters
    ----------
    info
        Of the film.

    Attributes
    ----------
    damaged
        Packets that gave an error, or a frame that the decoder had to guess parts of.
    repaired
        Timestamps that were missing or did not grow.
    """

    def __init__(self, info: FilmInfo) -> None:
        self.damaged = 0
        self._info = info
        self._timeline = Timeline(info.time_base)
        self._frame_ticks = max(1, round(1 / (info.rate * info.time_base)))

    @property
    def repaired(self) -> int:
        """See the class."""
        return self._timeline.repaired

    def frames(self, skip: int = 0) -> Iterator[VideoFrame]:
        """Decode.

        Parameters
        ----------
        skip
            Frames to leave out at the start. They are decoded all the same: that is exact where
            seeking is not.

        Raises
        ------
        UnreadableError
            The file cannot be read on.
        """
        for number, frame in enumerate(self._decoded()):
            frame.pts = self._timeline.placed(frame.pts, frame.duration or self._frame_ticks)
            frame.time_base = self._info.time_base
            self.damaged += frame.is_corrupt
            frame.pict_type = 0  # else the encoder would repeat the source's choice of key frames
            if number >= skip:
                yield frame

    def _decoded(self) -> Iterator[VideoFrame]:
        info = self._info
        with open_film(info.path, info.sequence_rate) as container:
            packets = container.demux(video_stream(container, info.stream, info.path))
            while True:
                try:
                    packet = next(packets)
                except StopIteration:
                    return
                except InvalidDataError:  # the rest of the file makes no sense
                    self.damaged += 1
                    return
                except FFmpegError as error:
                    raise unreadable(info.path, error) from error
                try:
                    yield from packet.decode()
                except FFmpegError:
                    self.damaged += 1
