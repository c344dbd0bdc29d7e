"""What must be known of a film before its first frame is colorized."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ....errors import UnreadableError, UsageError
from .color_tags import ColorTags, tags_of
from .image_sequence import is_sequence, sequence_options
from .libav import (
    Disposition,
    FFmpegError,
    InvalidDataError,
    fraction_of,
    opened,
    unreadable,
)
from .pixel_layout import PixelLayout, layout_of

if TYPE_CHECKING:
    from av import VideoFrame, VideoStream
    from av.container import InputContainer

DEFAULT_RATE: Final = Fraction(25)
# AVFieldOrder: 1 is progressive, 0 unknown.
_PROGRESSIVE: Final = 1


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
    metadata: Mapping[str, str] = field(default_factory=dict)


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
        rate = fraction_of(video.average_rate) or fraction_of(video.guessed_rate) or DEFAULT_RATE
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
            field_order=codec.field_order,
            is_interlaced=frame.interlaced_frame or codec.field_order > _PROGRESSIVE,
            frames=video.frames or round(seconds * rate),
            seconds=seconds,
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
