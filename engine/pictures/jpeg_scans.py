"""The scans of a JPEG that libvips decodes: each costs a pass over the whole picture."""

from __future__ import annotations

import re
from typing import Final

from ...errors import UnreadableError
from .time_limit import Deadline
from .vips import pyvips

MAX_SCANS: Final = 100
"""Real files have about ten; the coefficient path has the same bound."""
# So many scans of the largest picture take seconds; beyond, decoding is stopped at the deadline.
_FEW: Final = 16
_START_OF_SCAN: Final = b"\xff\xda"
_MARKER: Final = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)


def jpeg_source(file_bytes: bytes) -> JpegSource | None:
    """Return what libvips has to read a JPEG of many scans from; None if its bytes will do.

    Raises
    ------
    UnreadableError
        Over `MAX_SCANS`.
    """
    scans = scans_of(file_bytes)
    if scans > MAX_SCANS:
        raise UnreadableError(f"a JPEG of {scans} scans; at most {MAX_SCANS} are decoded")
    return JpegSource(file_bytes) if scans > _FEW else None


class JpegSource:
    """The bytes of a JPEG, which end early at a deadline.

    All scans of a progressive JPEG are decoded before its first row, and nothing else stops that.

    Parameters
    ----------
    file_bytes
        The whole file.

    Attributes
    ----------
    source
        For libvips.
    deadline
        To be set by the thread that decodes; libvips reads on threads of its own.
    """

    def __init__(self, file_bytes: bytes) -> None:
        self.deadline: Deadline | None = None
        self._file_bytes = file_bytes
        self._at = 0
        self.source = pyvips.SourceCustom()
        self.source.on_read(self._read)

    def _read(self, size: int) -> bytes:
        if self.deadline is not None and self.deadline.has_passed:
            return b""
        piece = self._file_bytes[self._at : self._at + min(size, 4096)]
        self._at += len(piece)
        return piece


def scans_of(file_bytes: bytes) -> int:
    """Return the number of scans of the first picture in a JPEG file, or a little more if few."""
    most = file_bytes.count(_START_OF_SCAN)  # those of thumbnails are among them
    if most <= _FEW:
        return most
    scans, at = 0, 2
    while found := _MARKER.search(file_bytes, at):
        code, at = found[1][0], found.end()
        if code == 0xD9:  # the end of the picture
            break
        scans += code == 0xDA
        at += int.from_bytes(file_bytes[at : at + 2], "big")
    return scans
