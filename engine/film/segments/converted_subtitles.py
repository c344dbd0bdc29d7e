"""Subtitles in the kind that a container wants."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from ..media.libav import FFmpegError, av, fraction_of

if TYPE_CHECKING:
    from av import Packet
    from av.container import OutputContainer
    from av.stream import Stream

# In this order, the first that the container takes; ASS keeps most of what the others say.
_KINDS: Final = ("subrip", "mov_text", "webvtt", "ass")
_MS: Final = Fraction(1, 1000)
# How long a line stays whose end the source does not give.
_STAYS_MS: Final = 4000


class ConvertedSubtitles:
    """Text subtitles on their way into another kind; what only the source's kind can say is lost.

    Parameters
    ----------
    source
        What is decoded.
    target
        Gets a stream of the first of SRT, mov_text, WebVTT and ASS that it takes.

    Attributes
    ----------
    stream
        In the target.

    Raises
    ------
    ValueError
        The container takes none of them, or the subtitles are pictures.
    """

    def __init__(self, source: Stream, target: OutputContainer) -> None:
        decoder: Any = source.codec_context
        self._decoder: Any = decoder
        if decoder is None:
            raise ValueError("there is no decoder for them")
        decoder.open(strict=False)
        if not decoder.subtitle_header:
            raise ValueError("subtitles that are pictures have no text")
        for kind in _KINDS:
            try:
                self.stream: Any = target.add_stream(kind)
            except (FFmpegError, ValueError):
                continue
            break
        else:
            raise ValueError(f"{target.format.name} takes none of {', '.join(_KINDS)}")
        self.stream.codec_context.subtitle_header = decoder.subtitle_header
        self.stream.codec_context.time_base = _MS
        self.stream.time_base = _MS

    def written(self, packet: Packet[Any]) -> list[Packet[Any]]:
        """The packet of the output, if there is text in that of the source."""
        tick_ms = (fraction_of(packet.time_base) or Fraction(1)) / _MS
        start_ms = round((packet.pts or 0) * tick_ms)
        stays_ms = round((packet.duration or 0) * tick_ms) or _STAYS_MS
        plain: Any = av.Packet(bytes(packet))
        plain.pts, plain.dts, plain.time_base = packet.pts, packet.dts, packet.time_base
        plain.duration = packet.duration or 0
        try:
            subtitles = self._decoder.decode2(plain)
        except FFmpegError:
            return []
        packets = []
        for line in subtitles or ():
            text = getattr(line, "ass", b"")
            if not text:
                continue
            made = av.subtitles.subtitle.SubtitleSet.create(text, 0, stays_ms, start_ms * 1000)
            encoded = self.stream.codec_context.encode_subtitle(made)
            encoded.pts = encoded.dts = start_ms
            encoded.duration, encoded.time_base = stays_ms, _MS
            encoded.stream = self.stream
            packets.append(encoded)
        return packets

    def flushed(self) -> list[Packet[Any]]:
        """Nothing is held."""
        return []
