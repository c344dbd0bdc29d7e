"""The frames of a film in the order they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from .film_info import FilmInfo, open_film, video_stream
from .frame_filter import FrameFilter
from .image_sequence import gaps, is_sequence, sequence_files
from .libav import FFmpegError, InvalidDataError, opened, unreadable
from .timeline import Timeline

if TYPE_CHECKING:
    from av import VideoFrame

# Parts that start later than this are sought, to a key frame half of it before them at the latest.
SEEK_FROM_S: Final = 20


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
    end
        Seconds from the film's start at which the last frame read ends.
    """

    def __init__(self, info: FilmInfo) -> None:
        self.damaged = 0
        self.end = Fraction(0)
        self._info = info
        self._timeline = Timeline(info.time_base, may_leap=info.may_leap)
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
        for number, frame in enumerate(self._of_part()):
            frame.time_base = self._info.time_base
            self.damaged += frame.is_corrupt
            frame.pict_type = 0  # else the encoder would repeat the source's choice of key frames
            if number >= skip:
                yield frame

    def _of_part(self) -> Iterator[VideoFrame]:
        """The frames of the part, their times counted from its start."""
        info, part = self._info, self._info.part
        tick = info.time_base
        for frame in self._filtered(self._decoded()):
            duration = frame.duration or self._frame_ticks
            ticks = self._timeline.placed(frame.pts, duration)
            seconds = ticks * tick - info.start
            self.end = max(self.end, seconds + duration * tick)
            if part.end is not None and seconds >= part.end:
                return
            if seconds >= part.start or part.is_whole:
                frame.pts = ticks - round(info.origin / tick)
                yield frame

    def _filtered(self, frames: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
        if not self._info.filters:
            yield from frames
            return
        chain = FrameFilter(self._info.filters, self._info.time_base)
        for frame in frames:
            yield from chain.filtered(frame)
        yield from chain.flushed()

    def _pictures(self) -> Iterator[VideoFrame]:
        """Numbered pictures with gaps, which FFmpeg's reader would stop at, one after the other."""
        info = self._info
        for index, file in enumerate(sequence_files(info.path)):
            try:
                with opened(file) as container:
                    frame = next(container.decode(video=0))
            except (FFmpegError, OSError, StopIteration, ValueError) as error:
                raise unreadable(file, error) from error
            frame.pts = round(index / (info.rate * info.time_base))
            yield frame

    def _decoded(self) -> Iterator[VideoFrame]:
        info = self._info
        if is_sequence(info.path) and gaps(info.path):
            yield from self._pictures()
            return
        with open_film(info.path, info.sequence_rate) as container:
            stream = video_stream(container, info.stream, info.path)
            if info.part.start > SEEK_FROM_S and not is_sequence(info.path):
                with suppress(FFmpegError):  # what cannot be sought is decoded from the start
                    early = info.origin - SEEK_FROM_S / 2
                    container.seek(int(early / info.time_base), stream=stream)
            packets = container.demux(stream)
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
