"""A film tried before its first frame is coloured: what its container takes, and reads back."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from ....errors import UsageError, first_line
from ..media.film_info import FilmInfo, open_film, video_stream
from ..media.image_sequence import is_sequence
from ..media.libav import FFmpegError, av, opened, unwritable
from ..media.video_encoder import VideoEncoder
from .film_assembly import FilmAssembly
from .side_streams import Way, ways

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer
    from av.stream import Stream

# Packets of each other stream that are tried, among so many of the source, or so many bytes.
_TRIED: Final = 3
_READ_PACKETS: Final = 600
_READ_BYTES: Final = 32 << 20
# Containers to name where one does not do, and the sound that anything may be converted to.
_OTHERS: Final = (".mkv", ".mov", ".mp4", ".webm")
_REFUSED: Final = (FFmpegError, OSError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True)
class TrialResult:
    """How the streams of a film are going to be written.

    Parameters
    ----------
    ways
        By number of the stream in the source; others are left out.
    notes
        Lines for the user, about what is converted or left out.
    """

    ways: dict[int, Way]
    notes: tuple[str, ...]


class OutputTrial:
    """Writes the start of a film beside its output and reads it back.

    Parameters
    ----------
    info, encoder
        Of the film.
    output
        Where it goes.
    audio
        What becomes of sound that the container cannot hold: "copy" refuses the film, "convert"
        encodes it anew; "none" leaves all sound out.
    """

    def __init__(
        self,
        info: FilmInfo,
        encoder: VideoEncoder,
        output: Path,
        *,
        audio: Literal["copy", "convert", "none"],
    ) -> None:
        self._info = info
        self._encoder = encoder
        self._output = output
        self._audio = audio
        self._heads: dict[int, list[tuple[bytes, Packet[Any]]]] = {}

    def result(self) -> TrialResult:
        """Try everything.

        Raises
        ------
        UsageError
            The container cannot hold the film, or its sound.
        UnwritableError
            The folder cannot be written to.
        UnreadableError
            The source cannot be read.
        """
        info = self._info
        try:
            self._output.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._output.parent):
                pass
        except OSError as error:
            raise unwritable(self._output, error) from error
        with open_film(info.path, info.sequence_rate) as source:
            colorized = video_stream(source, info.stream, info.path).index
            others = [
                stream
                for stream in source.streams
                if stream.index != colorized
                and not (stream.type == "audio" and self._audio == "none")
            ]
            if is_sequence(self._output):
                self._tried(source, {}, self._output.suffix)
                return TrialResult({}, tuple(self._left_out(stream) for stream in others))
            problem = self._tried(source, {}, self._output.suffix)
            if problem:
                raise self._refused(source, problem)
            self._read_heads(source, [stream.index for stream in others])
            chosen: dict[int, Way] = {}
            notes: list[str] = []
            for stream in others:
                way = self._way(source, stream, self._output.suffix, chosen)
                if way is not None:
                    chosen[stream.index] = way
                if way == "convert":
                    notes.append(
                        f"{info.path.name}: {stream.type} stream {stream.index} is converted, "
                        f"because {self._output.suffix} cannot hold {_codec(stream)}"
                    )
                elif way is None and stream.type == "audio":
                    raise self._without_sound(source, stream)
                elif way is None:
                    notes.append(self._left_out(stream))
            return TrialResult(chosen, tuple(notes))

    def _way(
        self, source: InputContainer, stream: Stream, suffix: str, before: dict[int, Way]
    ) -> Way | None:
        """The best way that works, beside those of the streams before."""
        for way in ways(
            stream, convert_sound=self._audio == "convert", matroska=suffix in (".mkv", ".webm")
        ):
            if not self._tried(source, {**before, stream.index: way}, suffix):
                return way
        return None

    def _tried(self, source: InputContainer, tried: dict[int, Way], suffix: str) -> str:
        """Why it does not work; empty if it does. Raises UnwritableError."""
        token = f".{secrets.token_hex(8)}.trial"
        sequence = is_sequence(self._output)
        partial = self._output.parent / (
            f"{token}.%06d{suffix}" if sequence else f"{token}{suffix}"
        )
        assembly = FilmAssembly(self._info, self._encoder, tried)
        try:
            output = assembly.opened(source, partial)
            try:
                output.container.mux(self._first_pictures(output.video, suffix))
                for index, side in output.sides.items():
                    if tried[index] == "convert":
                        continue
                    for data, packet in self._heads.get(index, []):
                        copy: Any = av.Packet(data)
                        copy.pts, copy.dts, copy.time_base = (
                            packet.pts,
                            packet.dts,
                            packet.time_base,
                        )
                        copy.duration, copy.is_keyframe = packet.duration or 0, packet.is_keyframe
                        output.container.mux(side.written(copy))
                output.finish(partial)
            finally:
                with contextlib.suppress(*_REFUSED):
                    output.container.close()
            return "" if sequence else self._read_back(source, partial, tried)
        except _REFUSED as error:
            return first_line(error)
        finally:
            for file in partial.parent.glob(f"{token}*"):
                file.unlink()

    def _first_pictures(self, stream: Any, suffix: str) -> list[Packet[Any]]:
        encoder = self._encoder
        if suffix != self._output.suffix:
            encoder = replace(encoder, has_global_header=True)
        context = encoder.opened()
        frame = av.VideoFrame(encoder.width, encoder.height, encoder.layout.name)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        encoder.tags.put_on(frame)
        frame.pts, frame.time_base = 0, encoder.time_base
        frame.duration = max(1, round(1 / (encoder.rate * encoder.time_base)))
        packets = [*context.encode(encoder.for_encoding(frame)), *context.encode(None)]
        for number, packet in enumerate(packets):
            packet.stream, packet.time_base = stream, encoder.time_base
            packet.pts = packet.dts = number * frame.duration
        return packets

    def _read_heads(self, source: InputContainer, wanted: list[int]) -> None:
        heads: dict[int, list[tuple[bytes, Packet[Any]]]] = {index: [] for index in wanted}
        streams = [s for s in source.streams if s.index in wanted and s.type != "attachment"]
        size = 0
        with contextlib.suppress(FFmpegError):
            for count, packet in enumerate(source.demux(*streams) if streams else ()):
                head = heads.get(packet.stream_index)
                if head is None:  # what ends the demuxing belongs to no stream
                    continue
                size += packet.size
                if packet.size and packet.dts is not None and len(head) < _TRIED:
                    head.append((bytes(packet), packet))
                if count > _READ_PACKETS or size > _READ_BYTES:
                    break
                if all(len(heads[stream.index]) == _TRIED for stream in streams):
                    break
        with contextlib.suppress(FFmpegError):
            source.seek(0)
        self._heads = heads

    def _read_back(self, source: InputContainer, partial: Path, tried: dict[int, Way]) -> str:
        """What does not come back as it was written."""
        written = av.Codec(self._encoder.encoder.codec, "w").canonical_name
        with opened(partial) as film:
            videos = [s for s in film.streams.video if s.codec_context is not None]
            if not any(_canonical(stream) == written for stream in videos):
                return f"{written} does not read back from {partial.suffix}"
            for kind in ("audio", "subtitle"):
                # What is converted has no packets yet, and may not show without.
                expected = [
                    source.streams[index]
                    for index, way in tried.items()
                    if source.streams[index].type == kind
                    and way != "convert"
                    and self._heads[index]
                ]
                found = [s for s in film.streams if s.type == kind and s.codec_context is not None]
                names = [_canonical(stream) for stream in found]
                for stream in expected:
                    if _canonical(stream) not in names:
                        return f"{_codec(stream)} does not read back from {partial.suffix}"
                    names.remove(_canonical(stream))
        return ""

    def _refused(self, source: InputContainer, problem: str) -> UsageError:
        suffix = self._output.suffix
        others = [
            other for other in _OTHERS if other != suffix and not self._tried(source, {}, other)
        ]
        return UsageError(
            f"{self._output}: {suffix} cannot hold what {self._encoder.encoder.name} writes "
            f"({problem}); name a {' or '.join(others) if others else 'film with another encoder'}"
        )

    def _without_sound(self, source: InputContainer, stream: Stream) -> UsageError:
        suffix = self._output.suffix
        others = []
        for other in _OTHERS:
            if other != suffix and not self._tried(source, {}, other):
                way = self._way(source, stream, other, {})
                if way is not None and way != "convert":
                    others.append(other)
        instead = f"name a {' or '.join(others)}, or " if others else ""
        return UsageError(
            f"{self._output}: {suffix} cannot hold {_codec(stream)}, the sound of "
            f"{self._info.path.name}; {instead}"
            "convert it with --audio convert, or leave it out with --audio none"
        )

    def _left_out(self, stream: Stream) -> str:
        return (
            f"{self._info.path.name}: left out {stream.type} stream {stream.index}, which "
            f"{self._output.suffix} cannot hold"
            + ("" if is_sequence(self._output) else "; name a .mkv to keep it")
        )


def _canonical(stream: Any) -> str:
    """A codec's name; a few packets do not tell the layers of MPEG audio apart."""
    name: str = stream.codec_context.codec.canonical_name
    return "mpa" if name in ("mp1", "mp2", "mp3") else name


def _codec(stream: Stream) -> str:
    return stream.codec_context.name if stream.codec_context is not None else stream.type
