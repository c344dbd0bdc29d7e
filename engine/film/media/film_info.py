"""What must be known of a film before its first frame is colorized."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ....errors import UnreadableError, UsageError
from .color_tags import ColorTags, tags_of
from .frame_filter import DEINTERLACE, TURNS
from .image_sequence import is_sequence, sequence_options
from .libav import (
    Disposition,
    FFmpegError,
    InvalidDataError,
    fraction_of,
    opened,
    unreadable,
)
from .mastering import Mastering, mastering_of
from .part import Part
from .pixel_layout import PixelLayout, layout_of

if TYPE_CHECKING:
    from av import VideoFrame, VideoStream
    from av.container import InputContainer

DEFAULT_RATE: Final = Fraction(25)
# AVFieldOrder: 1 is progressive, 0 unknown.
_PROGRESSIVE: Final = 1
# Bottom field first, as in all DV of standard definition (IEC 61834); its decoder does not say so.
_DV_FIELDS: Final = 3
# Frames a second; what is said to be more, is a container's tick taken for a rate.
_FASTEST: Final = 1000
# Containers by FFmpeg's names: whose clock may start anew, and whose header says how long a film is.
_LEAPING: Final = frozenset({"mpegts", "mpeg", "mpegtsraw"})
_PROMISING: Final = frozenset({"mov", "mp4", "matroska", "webm", "avi", "asf", "mxf", "flv"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmInfo:
    """A film's video stream.

    Parameters
    ----------
    path
        Of the file, or a pattern of numbered pictures.
    stream
        Number of the video stream among the video streams.
    sequence_rate
        Frames a second of an image sequence.
    height, width
        Pixels as stored.
    layout
        Of the decoded frames.
    tags
        Of the colours.
    time_base, rate
        Seconds of a tick; frames a second, on average.
    aspect
        Width over height of a pixel.
    display_matrix
        Nine numbers that turn the film for display; empty when upright as stored.
    quarter_turns
        Counter-clockwise turns of 90 degrees that bring it upright.
    field_order
        FFmpeg's AVFieldOrder.
    is_interlaced
        Whether its lines belong to two fields.
    frames, seconds
        Estimates; 0 where the container does not tell.
    promised
        Seconds that the header says the stream lasts; 0 where it does not, or only guesses.
    start
        Seconds at which the container's clock starts.
    part
        What of the film is colorized.
    may_leap
        Whether the container's clock may start anew, as that of broadcast streams does.
    mastering
        Of films in high dynamic range.
    filters
        FFmpeg's filters, names and arguments, that every frame goes through first.
    metadata
        Of the video stream.
    """

    path: Path
    stream: int
    sequence_rate: Fraction
    height: int
    width: int
    layout: PixelLayout
    tags: ColorTags
    time_base: Fraction
    rate: Fraction
    aspect: Fraction
    display_matrix: tuple[int, ...]
    quarter_turns: int
    field_order: int
    is_interlaced: bool
    frames: int
    seconds: float
    promised: float = 0.0
    start: Fraction = Fraction(0)
    part: Part = field(default_factory=Part)
    may_leap: bool = False
    mastering: Mastering = field(default_factory=Mastering)
    filters: tuple[tuple[str, str], ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> Fraction:
        """Seconds of the container's clock at which the output starts."""
        return self.start + self.part.start

    def of_part(self, part: Part) -> FilmInfo:
        """The same film, of which a part is colorized."""
        end = part.end if part.end is not None else Fraction(self.seconds)
        seconds = max(0.0, min(self.seconds, float(end)) - float(part.start))
        frames = round(seconds * self.rate) if self.seconds else 0
        return replace(self, part=part, frames=frames, seconds=seconds)

    def turned(self) -> FilmInfo:
        """The same film, its frames turned upright instead of being marked."""
        turns = self.quarter_turns
        if not turns:
            return replace(self, display_matrix=())
        swaps = turns % 2 == 1
        return replace(
            self,
            height=self.width if swaps else self.height,
            width=self.height if swaps else self.width,
            aspect=1 / self.aspect if swaps else self.aspect,
            display_matrix=(),
            quarter_turns=0,
            filters=(*self.filters, *TURNS[turns]),
        )

    def deinterlaced(self) -> FilmInfo:
        """The same film, its fields woven into whole frames."""
        return replace(
            self,
            field_order=_PROGRESSIVE,
            is_interlaced=False,
            filters=(DEINTERLACE, *self.filters),
        )


def film_info(path: Path, *, stream: int = 0, sequence_rate: Fraction = DEFAULT_RATE) -> FilmInfo:
    """Open a film, decode its first frame, and close it.

    Parameters
    ----------
    path
        A file, or a pattern such as frames/%06d.png.
    stream
        Which of the video streams; cover pictures do not count.
    sequence_rate
        Frames a second of an image sequence.

    Raises
    ------
    UnreadableError
        Not a film, without a video stream, or without a frame that can be decoded.
    UsageError
        There is no video stream of that number.
    """
    with open_film(path, sequence_rate) as container:
        video = video_stream(container, stream, path)
        video.thread_type = "NONE"  # threads of frames would decode many before they give the first
        frame = _first_frame(container, video, path)
        layout = layout_of(frame.format.name)
        matrix = _display_matrix(frame)
        codec = video.codec_context
        rates = [fraction_of(rate) for rate in (video.average_rate, video.guessed_rate)]
        rate = next((rate for rate in rates if rate and rate <= _FASTEST), DEFAULT_RATE)
        ticks = video.duration
        time_base = fraction_of(video.time_base) or 1 / rate
        seconds = float(ticks * time_base) if ticks else (container.duration or 0) / 1e6
        return FilmInfo(
            path=path,
            stream=stream,
            sequence_rate=sequence_rate,
            height=frame.height,
            width=frame.width,
            layout=layout,
            tags=tags_of(frame, layout),
            time_base=time_base,
            rate=rate,
            aspect=fraction_of(video.sample_aspect_ratio) or Fraction(1),
            display_matrix=matrix,
            quarter_turns=round(frame.rotation / 90) % 4 if matrix else 0,
            field_order=codec.field_order or (_DV_FIELDS if codec.name == "dvvideo" else 0),
            is_interlaced=frame.interlaced_frame or codec.field_order > _PROGRESSIVE,
            frames=video.frames or round(seconds * rate),
            seconds=seconds,
            promised=_promised(container, video, time_base),
            start=Fraction(container.start_time or 0, 1_000_000),
            may_leap=container.format.name in _LEAPING,
            mastering=mastering_of(frame),
            metadata=dict(video.metadata),
        )


def open_film(path: Path, sequence_rate: Fraction) -> InputContainer:
    """Open a film for reading; raises UnreadableError."""
    try:
        if is_sequence(path):
            options = sequence_options(path, sequence_rate)
            return opened(path, format="image2", options=options)
        return opened(path)
    except (FFmpegError, OSError, ValueError) as error:
        raise unreadable(path, error) from error


def video_stream(container: InputContainer, number: int, path: Path) -> VideoStream:
    """The video stream of this number, without those that hold a cover picture."""
    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic and stream.codec_context is not None
    ]
    if not streams:
        raise UnreadableError(f"{path}: expected a film, found no video stream that can be decoded")
    if number >= len(streams):
        raise UsageError(
            f"{path}: stream {number} requested, but it has {len(streams)}; they count from 0"
        )
    streams[number].thread_type = "AUTO"
    return streams[number]


def _promised(container: InputContainer, video: VideoStream, time_base: Fraction) -> float:
    """Seconds that the header of a container says that its film lasts; 0 if it says nothing."""
    if not _PROMISING & set(container.format.name.split(",")):
        return 0.0
    if container.format.name == "avi" and video.frames:
        return float(video.frames * time_base)  # its duration is of what is there
    if video.duration:
        return float(video.duration * time_base)
    tag = next((text for name, text in video.metadata.items() if name.upper() == "DURATION"), "")
    if match := re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", tag):
        hours, minutes, seconds = match.groups()
        return 3600 * int(hours) + 60 * int(minutes) + float(seconds)
    only_film = all(stream.type != "audio" for stream in container.streams)
    return (container.duration or 0) / 1e6 if only_film else 0.0


def _first_frame(container: InputContainer, video: VideoStream, path: Path) -> VideoFrame:
    try:
        for packet in container.demux(video):
            try:
                for frame in packet.decode():
                    return frame
            except InvalidDataError:
                continue
    except FFmpegError as error:
        raise unreadable(path, error) from error
    raise UnreadableError(f"{path}: expected a film, found no frame that can be decoded")


def _display_matrix(frame: VideoFrame) -> tuple[int, ...]:
    """FFmpeg's matrix: 16.16 fixed point, and 2.30 in the last column."""
    try:
        side_data: Any = frame.side_data
        return tuple(np.frombuffer(side_data["DISPLAYMATRIX"], np.int32).tolist())
    except KeyError:
        return ()
    except ValueError:  # PyAV gives no side data at all where it does not know one of them
        if not frame.rotation:
            return ()
        angle = math.radians(frame.rotation)
        cosine, sine = round(65536 * math.cos(angle)), round(65536 * math.sin(angle))
        return (cosine, -sine, 0, sine, cosine, 0, 0, 0, 1 << 30)
