"""A finished stretch of a film on disk."""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..color.track_state import TrackState
from ..media.libav import av

if TYPE_CHECKING:
    from av import Packet

# pts, dts, duration, key frame, bytes that follow
_RECORD: Final = struct.Struct("<qqq?I")


@dataclass(frozen=True, slots=True)
class Segment:
    """Coded packets, and what the last frame leaves to the next segment."""

    packets_file: Path
    state_file: Path

    def packets(self) -> Iterator[Packet[Any]]:
        """The packets in the order of decoding, without a stream or a time base."""
        with open(self.packets_file, "rb") as records:
            while head := records.read(_RECORD.size):
                pts, dts, duration, is_keyframe, size = _RECORD.unpack(head)
                packet: Packet[Any] = av.Packet(records.read(size))
                packet.pts, packet.dts, packet.duration = pts, dts, duration
                packet.is_keyframe = is_keyframe
                yield packet

    def state(self) -> TrackState:
        """State that its last frame leaves."""
        with np.load(self.state_file) as arrays:
            return TrackState.of_arrays(dict(arrays))


class SegmentWriter:
    """Writes a segment; it appears under its name when it is whole and on disk.

    Parameters
    ----------
    segment
        The names it gets in the end.

    Raises
    ------
    OSError
        Here and from every method: the disk is full, or the like.
    """

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._partial = segment.packets_file.with_suffix(".partial")
        self._records = open(self._partial, "wb")  # noqa: SIM115  # closed by finish or discard

    def add(self, packets: Iterable[Packet[Any]]) -> None:
        """Append packets that have timestamps."""
        for packet in packets:
            assert packet.pts is not None
            assert packet.dts is not None
            head = (packet.pts, packet.dts, packet.duration or 0, packet.is_keyframe, packet.size)
            self._records.write(_RECORD.pack(*head))
            self._records.write(bytes(packet))

    def finish(self, state: TrackState) -> None:
        """Give the segment its name."""
        with open(self._segment.state_file, "wb") as arrays:
            np.savez(arrays, allow_pickle=False, **state.arrays())
            os.fsync(arrays.fileno())
        self._records.flush()
        os.fsync(self._records.fileno())
        self._records.close()
        self._partial.replace(self._segment.packets_file)

    def discard(self) -> None:
        """Leave nothing behind."""
        with contextlib.suppress(OSError):  # what a full disk keeps in the buffer is not wanted
            self._records.close()
        self._partial.unlink(missing_ok=True)
