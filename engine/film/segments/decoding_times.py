"""Decoding times that a container does not state for the first packets of a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from av import Packet

# Codecs put fewer pictures than this out of order.
_MOST_HELD: Final = 17


def with_decoding_times(packets: Iterable[Packet[Any]]) -> Iterator[Packet[Any]]:
    """Give the first packets of every stream the decoding times that lead to the first stated one.

    Matroska and NUT state times of presentation only. FFmpeg derives those of decoding, but where
    pictures are out of order not for as many packets as there are pictures to wait for.

    Parameters
    ----------
    packets
        Of several streams, each in order of decoding.

    Yields
    ------
    Packet
        The same, streams perhaps interleaved otherwise. Where no decoding time is stated in a
        stream's first packets, they stay without.
    """
    held: dict[int, list[Packet[Any]]] = {}
    settled: set[int] = set()
    for packet in packets:
        stream = packet.stream_index
        if stream in settled:
            yield packet
            continue
        waiting = held.setdefault(stream, [])
        waiting.append(packet)
        if packet.dts is None and packet.pts is not None and len(waiting) < _MOST_HELD:
            continue
        if packet.dts is not None:
            for before, early in enumerate(reversed(waiting[:-1]), start=1):
                early.dts = packet.dts - before * max(packet.duration or 0, 1)
        settled.add(stream)
        yield from held.pop(stream)
    for waiting in held.values():
        yield from waiting
