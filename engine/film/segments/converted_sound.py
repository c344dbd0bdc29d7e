"""Sound that is decoded and encoded anew, because the container cannot hold it as it is."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, cast

from ..media.libav import FFmpegError, av, fraction_of

if TYPE_CHECKING:
    from av import AudioStream, Packet
    from av.container import OutputContainer
    from av.stream import Stream

# In this order, the first that the container takes.
_ENCODERS: Final = ("aac", "libopus", "libvorbis", "libmp3lame", "flac", "ac3")
_BIT_RATE_A_CHANNEL: Final = 96_000
# Channel counts that every one of the encoders knows; others are mixed down.
_LAYOUTS: Final = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
_OPUS_RATE: Final = 48_000
_MOST_RATE: Final = 48_000


class ConvertedSound:
    """A stream of sound on its way through a decoder and an encoder.

    Parameters
    ----------
    source
        What is decoded.
    target
        Gets a stream, of the first codec of AAC, Opus, Vorbis, MP3, FLAC and AC-3 that it takes.

    Attributes
    ----------
    stream
        In the target.

    Raises
    ------
    ValueError
        The container takes none of them, or the sound cannot be decoded.
    """

    def __init__(self, source: Stream, target: OutputContainer) -> None:
        self._decoder: Any = source.codec_context
        if self._decoder is None:
            raise ValueError("there is no decoder for it")
        self.stream = self._added(target)
        encoder = self.stream.codec_context
        self._resampler = av.AudioResampler(
            format=encoder.format, layout=encoder.layout, rate=encoder.sample_rate
        )
        self._next: int | None = None

    def _added(self, target: OutputContainer) -> AudioStream:
        channels = max((count for count in _LAYOUTS if count <= self._decoder.channels), default=1)
        for name in _ENCODERS:
            rate = min(self._decoder.sample_rate, _MOST_RATE)
            rate = _OPUS_RATE if name == "libopus" else rate
            try:
                stream = cast("AudioStream", target.add_stream(name, rate=rate))
            except ValueError:
                continue
            stream.codec_context.layout = _LAYOUTS[channels]
            stream.codec_context.bit_rate = channels * _BIT_RATE_A_CHANNEL
            return stream
        raise ValueError(f"{target.format.name} takes none of {', '.join(_ENCODERS)}")

    def written(self, packet: Packet[Any]) -> list[Packet[Any]]:
        """Packets of the output; those of damaged sound are missing."""
        try:
            frames = self._decoder.decode(av.Packet(bytes(packet)))
        except FFmpegError:
            return []
        if self._next is None and frames and packet.pts is not None:
            start = packet.pts * (fraction_of(packet.time_base) or Fraction(1))
            self._next = round(start * self.stream.codec_context.sample_rate)
        return self._encoded(frames)

    def flushed(self) -> list[Packet[Any]]:
        """What decoder and encoder still hold."""
        try:
            packets = self._encoded([*self._decoder.decode(None), None])
        except FFmpegError:
            packets = self._encoded([None])
        return [*packets, *self.stream.encode(None)]

    def _encoded(self, frames: list[Any]) -> list[Packet[Any]]:
        packets: list[Packet[Any]] = []
        for frame in frames:
            if frame is not None:
                frame.pts = None
            for part in self._resampler.resample(frame):
                # Sound runs on from its start, sample by sample, whatever the packets say.
                part.pts, part.time_base = self._next or 0, Fraction(1, part.sample_rate)
                self._next = (self._next or 0) + part.samples
                packets += self.stream.encode(part)
        return packets
