"""Segments, and everything else of the source, into one film."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..media.film_info import FilmInfo, open_film
from ..media.image_sequence import first_number, is_sequence
from ..media.libav import FFmpegError, av, fraction_of, unwritable
from ..media.matroska_header import TrackChange, change_tracks
from ..media.timeline import Timeline
from ..media.video_encoder import VideoEncoder
from .decoding_times import with_decoding_times
from .segment import Segment
from .side_streams import SideStream, Way, add_side_stream

if TYPE_CHECKING:
    from av import Packet, VideoStream
    from av.container import InputContainer, OutputContainer

# What a container writes itself.
_OWN_METADATA: Final = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder"})
# Containers of which FFmpeg's muxer takes the shape of pixels from a place that PyAV cannot fill.
# Those with a table of contents, which a browser needs before it can play: it goes to the front.
_MOVIES: Final = frozenset({".mp4", ".m4v", ".mov", ".3gp", ".3g2"})
MATROSKA: Final = frozenset({"matroska", "webm"})


@dataclass(slots=True)
class OpenedOutput:
    """An output whose streams are added.

    Parameters
    ----------
    container
        To write to.
    video
        Its stream of the film.
    sides
        By number of the stream in the source.
    changes, titles
        What is changed in Matroska's header when the file is whole, by number of the track.
    """

    container: OutputContainer
    video: VideoStream
    sides: dict[int, SideStream] = field(default_factory=dict)
    changes: dict[int, TrackChange] = field(default_factory=dict)
    titles: dict[int, str] = field(default_factory=dict)

    def finish(self, path: Path) -> None:
        """Write what is still held and the end of the file; raises FFmpegError, OSError, ValueError."""
        self.container.close()
        if self.changes:
            change_tracks(path, self.changes, self.titles)


class FilmAssembly:
    """Writes a film from its segments and its source.

    Parameters
    ----------
    info
        Of the source.
    encoder
        That made the segments.
    ways
        How to take over the other streams, by number in the source; the rest is left out.
    """

    def __init__(self, info: FilmInfo, encoder: VideoEncoder, ways: dict[int, Way]) -> None:
        self._info = info
        self._encoder = encoder
        self._ways = ways

    def write(self, segments: Iterable[Segment], output: Path, *, whole: bool) -> None:
        """Write to a temporary name, then rename.

        Parameters
        ----------
        segments
            In order.
        output
            Replaced if it exists.
        whole
            Whether the segments are the whole film; if not, the rest ends where they end.

        Raises
        ------
        UnwritableError
            The disk is full, or the like; nothing is left under the final name.
        """
        token = f".{secrets.token_hex(8)}.partial"
        sequence = is_sequence(output)
        partial = (
            output.parent / token / output.name
            if sequence
            else output.parent / f"{token}{output.suffix}"
        )
        try:
            partial.parent.mkdir(parents=True, exist_ok=True)
            with open_film(self._info.path, self._info.sequence_rate) as source:
                opened = self.opened(source, partial)
                try:
                    self._mux(source, opened, segments, whole=whole)
                    opened.finish(partial)
                finally:
                    opened.container.close()
            if sequence:
                for picture in partial.parent.iterdir():
                    picture.replace(output.parent / picture.name)
            else:
                _flush(partial)
                partial.replace(output)
        except (FFmpegError, OSError, ValueError) as error:
            raise unwritable(output, error) from error
        finally:
            if sequence:
                shutil.rmtree(partial.parent, ignore_errors=True)
            else:
                partial.unlink(missing_ok=True)

    def opened(self, source: InputContainer, partial: Path) -> OpenedOutput:
        """The output with its header written.

        Raises
        ------
        FFmpegError, ValueError, OSError
            The container does not take the film, or one of the other streams.
        """
        opened = self._new_output(source, partial)
        try:
            for stream in source.streams:
                way = self._ways.get(stream.index)
                if way is not None:
                    opened.sides[stream.index] = add_side_stream(
                        stream, opened.container, way, self._info, opened.changes
                    )
                    if stream.metadata.get("title"):
                        opened.titles[len(opened.container.streams) - 1] = stream.metadata["title"]
            opened.container.start_encoding()
        except BaseException:
            with contextlib.suppress(FFmpegError, OSError, ValueError):
                opened.container.close()
            raise
        return opened

    def _new_output(self, source: InputContainer, partial: Path) -> OpenedOutput:
        info, encoder = self._info, self._encoder
        if is_sequence(partial):
            start = str(first_number(info.path)) if is_sequence(info.path) else "1"
            target = av.open(
                str(partial), "w", format="image2", container_options={"start_number": start}
            )
        else:
            in_front = {"movflags": "+faststart"} if partial.suffix.lower() in _MOVIES else {}
            target = av.open(str(partial), "w", container_options=in_front)
        stream: VideoStream = target.add_stream(encoder.encoder.codec, rate=encoder.rate)  # type: ignore[assignment]
        encoder.configure(stream.codec_context)
        if tag := encoder.encoder.tags.get(target.format.name):
            stream.codec_context.codec_tag = tag
        stream.time_base = encoder.time_base
        stream.metadata.update(info.metadata)
        if info.display_matrix:
            stream.set_display_matrix(info.display_matrix)
        kept = {key: text for key, text in source.metadata.items() if key not in _OWN_METADATA}
        target.metadata.update(kept)
        target.set_chapters(_chapters(source, info))
        opened = OpenedOutput(target, stream)
        if target.format.name in MATROSKA and info.aspect != 1:
            change = TrackChange(aspect=info.aspect)
            opened.titles[0] = stream.metadata.get("title", "")
            stream.metadata["title"] = change.title
            opened.changes[0] = change
        return opened

    def _mux(
        self,
        source: InputContainer,
        opened: OpenedOutput,
        segments: Iterable[Segment],
        *,
        whole: bool,
    ) -> None:
        """Interleave by time of decoding."""
        target, time_base = opened.container, self._encoder.time_base
        pictures = _in_dts_order(segments, time_base)
        waiting = next(pictures, None)
        end = Fraction(0)

        def write_picture(packet: Packet[Any]) -> None:
            nonlocal end
            end = max(end, ((packet.pts or 0) + (packet.duration or 0)) * time_base)
            packet.stream = opened.video
            target.mux(packet)

        for index, packet in self._other_packets(source):
            time = (packet.dts or 0) * packet.time_base
            while waiting is not None and (waiting.dts or 0) * time_base <= time:
                write_picture(waiting)
                waiting = next(pictures, None)
            if waiting is None and not whole and time >= end:
                continue
            target.mux(opened.sides[index].written(packet))
        while waiting is not None:
            write_picture(waiting)
            waiting = next(pictures, None)
        for side in opened.sides.values():
            target.mux(side.flushed())

    def _other_packets(self, source: InputContainer) -> Iterator[tuple[int, Packet[Any]]]:
        """Packets of the other streams at their times in the output, with their stream's number."""
        wanted = ("audio", "video", "subtitle", "data")
        streams = [
            stream
            for stream in source.streams
            if self._ways.get(stream.index) in ("copy", "describe", "convert")
            and stream.type in wanted
        ]
        if not streams:
            return
        info = self._info
        clocks = {
            stream.index: Timeline(
                stream.time_base or Fraction(1),
                may_repeat=stream.type not in ("audio", "video"),
                may_leap=info.may_leap,
            )
            for stream in streams
        }
        if info.part.start:
            source.seek(round((info.start + info.part.start) * 1_000_000))
        packets = with_decoding_times(
            packet
            for packet in source.demux(*streams)
            if packet.size != 0 or packet.dts is not None
        )
        with contextlib.suppress(FFmpegError):  # a source that breaks off keeps what it had
            for packet in packets:
                index = packet.stream_index
                base = fraction_of(packet.time_base) or Fraction(1)
                delay = (packet.pts or 0) - (packet.dts or 0) if packet.dts is not None else 0
                dts = packet.dts if packet.dts is not None else packet.pts
                dts = clocks[index].placed(dts, packet.duration or 0)
                packet.dts = dts - round(info.origin / base)
                packet.pts = packet.dts + max(delay, 0)
                is_still = not packet.duration and source.streams[index].type == "video"
                end = (packet.pts + (packet.duration or 0)) * base
                begins = info.part.start == 0 or end > 0
                if is_still or (begins and info.part.ends_after(packet.pts * base)):
                    yield index, packet


def _chapters(source: InputContainer, info: FilmInfo) -> list[Any]:
    """Chapters of the source, at their times in the output."""
    chapters = []
    for chapter in source.chapters():
        base = fraction_of(chapter["time_base"]) or Fraction(1)
        shift = round(info.origin / base)
        start, end = max(0, chapter["start"] - shift), chapter["end"] - shift
        if end > 0:
            chapters.append(chapter | {"start": start, "end": end})
    return chapters


def _in_dts_order(segments: Iterable[Segment], time_base: Fraction) -> Iterator[Packet[Any]]:
    """Packets whose decoding times grow across segments too.

    Every segment's encoder starts its decoding times a few frames before its first picture. Where
    frames had been shorter before, that is too early; a tick after the last one then always lies
    before the picture.
    """
    last: int | None = None
    for segment in segments:
        for packet in segment.packets():
            packet.time_base = time_base
            if last is not None and (packet.dts or 0) <= last:
                packet.dts = last + 1
            last = packet.dts
            yield packet


def _flush(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())
