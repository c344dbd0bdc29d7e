"""Segments, and everything else of the source, into one film."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..media.film_info import FilmInfo, open_film, video_stream
from ..media.image_sequence import first_number, is_sequence
from ..media.libav import FFmpegError, av, fraction_of, unwritable
from ..media.timeline import Timeline
from ..media.video_encoder import VideoEncoder
from .decoding_times import with_decoding_times
from .segment import Segment

if TYPE_CHECKING:
    from av import Packet, VideoStream
    from av.container import InputContainer, OutputContainer
    from av.stream import Stream

# What a container writes itself.
_OWN_METADATA: Final = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder"})
# Which streams to try to keep: where a container refuses some, fewer.
_KINDS: Final = (
    frozenset({"audio", "video", "subtitle", "attachment", "data"}),
    frozenset({"audio", "video", "subtitle", "attachment"}),
    frozenset({"audio"}),
    frozenset[str](),
)


class FilmAssembly:
    """Writes a film from its segments and its source.

    Sound, subtitles, attachments, further video, chapters and metadata are copied as they are.

    Parameters
    ----------
    info
        Of the source.
    encoder
        That made the segments.
    say
        Takes a line for the user, when something cannot be kept.
    """

    def __init__(self, info: FilmInfo, encoder: VideoEncoder, say: Callable[[str], None]) -> None:
        self._info = info
        self._encoder = encoder
        self._say = say

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
                target, kept = self._opened(source, partial)
                with target:
                    self._mux(source, target, kept, segments, whole=whole)
            if sequence:
                for picture in partial.parent.iterdir():
                    picture.replace(output.parent / picture.name)
            else:
                _flush(partial)
                partial.replace(output)
        except (FFmpegError, OSError) as error:
            raise unwritable(output, error) from error
        finally:
            if sequence:
                shutil.rmtree(partial.parent, ignore_errors=True)
            else:
                partial.unlink(missing_ok=True)

    def _opened(
        self, source: InputContainer, partial: Path
    ) -> tuple[OutputContainer, dict[int, Stream]]:
        """The output with its header written, and its stream for each copied one of the source."""
        for kinds in _KINDS:
            target = self._new_target(source, partial)
            kept, left_out = self._copied_streams(source, target, kinds)
            try:
                target.start_encoding()
            except (FFmpegError, ValueError):
                if not kinds:
                    raise
                continue
            for stream in left_out:
                self._say(
                    f"{self._info.path.name}: left out {stream.type} stream {stream.index}, which "
                    f"{target.format.name} cannot hold; name a .mkv to keep it"
                )
            return target, kept
        raise AssertionError("the last of the kinds returns or raises")

    def _new_target(self, source: InputContainer, partial: Path) -> OutputContainer:
        info = self._info
        if is_sequence(partial):
            start = str(first_number(info.path)) if is_sequence(info.path) else "1"
            target = av.open(
                str(partial), "w", format="image2", container_options={"start_number": start}
            )
        else:
            target = av.open(str(partial), "w")
        stream: VideoStream = target.add_stream(self._encoder.encoder.name, rate=self._encoder.rate)  # type: ignore[assignment]
        self._encoder.configure(stream.codec_context)
        stream.time_base = self._encoder.time_base
        stream.metadata.update(info.metadata)
        if info.display_matrix:
            stream.set_display_matrix(info.display_matrix)
        kept = {key: text for key, text in source.metadata.items() if key not in _OWN_METADATA}
        target.metadata.update(kept)
        target.set_chapters(source.chapters())
        return target

    def _copied_streams(
        self, source: InputContainer, target: OutputContainer, kinds: frozenset[str]
    ) -> tuple[dict[int, Stream], list[Stream]]:
        kept: dict[int, Stream] = {}
        left_out: list[Stream] = []
        colorized = video_stream(source, self._info.stream, self._info.path).index
        for stream in source.streams:
            if stream.index == colorized:
                continue
            try:
                if stream.type not in kinds:
                    raise ValueError(stream.type)
                copy = target.add_stream_from_template(stream, opaque=True)
            except (FFmpegError, ValueError):
                left_out.append(stream)
                continue
            copy.metadata.update(stream.metadata)
            copy.disposition = stream.disposition
            kept[stream.index] = copy
        return kept, left_out

    def _mux(
        self,
        source: InputContainer,
        target: OutputContainer,
        kept: dict[int, Stream],
        segments: Iterable[Segment],
        *,
        whole: bool,
    ) -> None:
        """Interleave by time of decoding."""
        video = target.streams.video[0]
        time_base = self._encoder.time_base
        pictures = _in_dts_order(segments, time_base)
        waiting = next(pictures, None)
        end = Fraction(0)

        def write_picture(packet: Packet[Any]) -> None:
            nonlocal end
            end = max(end, ((packet.pts or 0) + (packet.duration or 0)) * time_base)
            packet.stream = video
            target.mux(packet)

        for packet in self._other_packets(source, kept):
            time = (packet.dts or 0) * packet.time_base
            while waiting is not None and (waiting.dts or 0) * time_base <= time:
                write_picture(waiting)
                waiting = next(pictures, None)
            if waiting is None and not whole and time >= end:
                continue
            packet.stream = kept[packet.stream_index]
            target.mux(packet)
        while waiting is not None:
            write_picture(waiting)
            waiting = next(pictures, None)

    def _other_packets(
        self, source: InputContainer, kept: dict[int, Stream]
    ) -> Iterator[Packet[Any]]:
        streams = [
            stream
            for stream in source.streams
            if stream.index in kept and stream.type != "attachment"
        ]
        if not streams:
            return
        clocks = {
            stream.index: Timeline(
                fraction_of(stream.time_base) or Fraction(1),
                may_repeat=stream.type not in ("audio", "video"),
            )
            for stream in streams
        }
        packets = with_decoding_times(
            packet
            for packet in source.demux(*streams)
            if packet.size != 0 or packet.dts is not None
        )
        with contextlib.suppress(FFmpegError):  # a source that breaks off keeps what it had
            for packet in packets:
                delay = (packet.pts or 0) - (packet.dts or 0) if packet.dts is not None else 0
                dts = packet.dts if packet.dts is not None else packet.pts
                packet.dts = clocks[packet.stream_index].placed(dts, packet.duration or 0)
                packet.pts = packet.dts + max(delay, 0)
                yield packet


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
