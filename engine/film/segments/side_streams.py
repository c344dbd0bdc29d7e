"""What a film carries beside the stream that is colorized, on its way into the output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from ..media.film_info import FilmInfo
from ..media.libav import Disposition, FFmpegError
from ..media.matroska_header import TrackChange
from ..media.wave_format import ACM, wave_format
from .converted_sound import ConvertedSound
from .converted_subtitles import ConvertedSubtitles

if TYPE_CHECKING:
    from av import Packet
    from av.container import OutputContainer
    from av.stream import Stream

# copy: as it is; describe: as it is, with Microsoft's description in Matroska; attach: a cover picture
# as an attachment; convert: decoded and encoded again; own: the container makes it of metadata.
Way = Literal["copy", "describe", "attach", "convert", "own"]
WAYS: Final[Mapping[str, tuple[Way, ...]]] = {
    "audio": ("copy", "describe"),
    "video": ("copy",),
    "subtitle": ("copy", "convert"),
    "data": ("copy",),
    "attachment": ("copy",),
}
_COVERS: Final[Mapping[str, tuple[str, str]]] = {
    "mjpeg": ("cover.jpg", "image/jpeg"),
    "png": ("cover.png", "image/png"),
}
# A stream that Matroska names without being asked for more than what a decoder needs; its name is
# then replaced.
_STAND_IN: Final = "mp3"


class SideStream(Protocol):
    """A stream on its way."""

    def written(self, packet: Packet[Any]) -> list[Packet[Any]]:
        """Packets for the output, of one of the source; times are those of the output."""
        ...

    def flushed(self) -> list[Packet[Any]]:
        """What is still held at the end."""
        ...


@dataclass(slots=True)
class _Copied:
    stream: Stream | None

    def written(self, packet: Packet[Any]) -> list[Packet[Any]]:
        if self.stream is None:
            return []
        packet.stream = self.stream
        return [packet]

    def flushed(self) -> list[Packet[Any]]:
        return []


def ways(stream: Stream, *, convert_sound: bool, matroska: bool) -> tuple[Way, ...]:
    """The ways to try for a stream, best first.

    Parameters
    ----------
    stream
        Of the source.
    convert_sound
        Whether sound may be encoded anew.
    matroska
        Whether the output is Matroska.
    """
    if stream.type == "data" and "timecode" in stream.metadata:
        return ("own",)
    if is_cover(stream):
        attach: tuple[Way, ...] = ("attach",) if matroska and _codec(stream) in _COVERS else ()
        return attach or ("copy",)
    # Only Matroska describes sound that it does not know.
    found: list[Way] = [way for way in WAYS.get(stream.type, ()) if way != "describe" or matroska]
    if stream.type == "audio" and convert_sound:
        found.append("convert")
    return tuple(found)


def add_side_stream(
    source: Stream,
    target: OutputContainer,
    way: Way,
    info: FilmInfo,
    changes: dict[int, TrackChange],
) -> SideStream:
    """Add a stream to an output whose header is not written yet.

    Parameters
    ----------
    source, target
        From where, to where.
    way
        How.
    info
        Of the film.
    changes
        Takes what is to be changed in Matroska's header afterwards.

    Raises
    ------
    FFmpegError, ValueError
        The container does not take it.
    """
    if way == "own":
        return _Copied(None)
    if way == "attach":
        name, mimetype = _COVERS[_codec(source)]
        data = _cover(source)
        target.add_attachment(source.metadata.get("filename", name), mimetype, data)
        return _Copied(None)
    if way == "convert":
        converted: ConvertedSound | ConvertedSubtitles = (
            ConvertedSound(source, target)
            if source.type == "audio"
            else ConvertedSubtitles(source, target)
        )
        _described(converted.stream, source)
        return converted
    if way == "describe":
        codec = source.codec_context
        described = wave_format(info.path, _codec(source), codec.channels, codec.sample_rate)  # type: ignore[attr-defined]
        if not described:
            raise ValueError(f"{_codec(source)} without a description")
        copy: Any = target.add_mux_stream(_STAND_IN, rate=codec.sample_rate)  # type: ignore[attr-defined]
        copy.time_base = source.time_base
        change = TrackChange(codec_id=ACM, codec_private=described)
        _described(copy, source)
        copy.metadata["title"] = change.title
        changes[copy.index] = change
        return _Copied(copy)
    copy = target.add_stream_from_template(source, opaque=True)
    _described(copy, source)
    return _Copied(copy)


def is_cover(stream: Stream) -> bool:
    """Whether a stream is a picture that stands for the film."""
    return bool(stream.disposition & Disposition.attached_pic)


def _codec(stream: Stream) -> str:
    return stream.codec_context.name if stream.codec_context is not None else ""


def _described(copy: Stream, source: Stream) -> None:
    copy.metadata.update(source.metadata)
    copy.disposition = source.disposition


def _cover(stream: Stream) -> bytes:
    container: Any = stream.container
    try:
        for packet in container.demux(stream):
            if packet.size:
                return bytes(packet)
    except FFmpegError:
        pass
    finally:
        container.seek(0)
    raise ValueError("the cover picture is empty")
