"""The bytes of one source, and what identifies them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Final

from ...errors import TooLargeError, UnreadableError, first_line

MAX_FILE_BYTES: Final = 2 << 30
"""Larger files are refused unless the limit is raised; they are held in memory whole."""

_PIECE: Final = 8 << 20
_KINDS: Final = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True, slots=True)
class SourceBytes:
    """A file as it was read.

    Parameters
    ----------
    file_bytes
        All of it.
    mtime_ns
        Its time of change, of the file that was open, not of what has its name by now.
    sha256
        Hex digest of `file_bytes`.
    """

    file_bytes: bytes
    mtime_ns: int
    sha256: str


def read_source(
    path: Path, max_bytes: int = MAX_FILE_BYTES, on_progress: Callable[[], None] = lambda: None
) -> SourceBytes:
    """Read a regular file.

    Parameters
    ----------
    path
        Links are followed.
    max_bytes
        Checked before anything is read.
    on_progress
        Called after every piece.

    Raises
    ------
    UnreadableError
        Not there, not permitted, no regular file, or changed while it was read.
    TooLargeError
        More than `max_bytes`.
    """
    try:
        with _opened(path) as file:
            before = os.fstat(file.fileno())
            _check(before, max_bytes)
            # One byte more shows a file that grows, and ends a file that only seems to be regular.
            file_bytes = _read(file, before.st_size + 1, on_progress)
            after = os.fstat(file.fileno())
    except IsADirectoryError as error:
        raise UnreadableError("expected a file, found a folder") from error
    except OSError as error:
        raise UnreadableError(f"cannot be read: {first_line(error)}") from error
    if len(file_bytes) != before.st_size or after.st_mtime_ns != before.st_mtime_ns:
        raise UnreadableError("it changed while it was read; run again when it is whole")
    return SourceBytes(file_bytes, before.st_mtime_ns, hashlib.sha256(file_bytes).hexdigest())


def sha256_of_file(path: Path) -> str:
    """Return the hex digest of a regular file, read in pieces.

    Raises
    ------
    OSError
        It cannot be read, or is no regular file.
    """
    with _opened(path) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("no regular file")
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(file: BufferedReader, most: int, on_progress: Callable[[], None]) -> bytes:
    if most <= _PIECE:
        return file.read(most)
    pieces = BytesIO()
    while most > 0 and (piece := file.read(min(most, _PIECE))):
        pieces.write(piece)
        most -= len(piece)
        on_progress()
    return pieces.getvalue()


def _opened(path: Path) -> BufferedReader:
    """Open without waiting for the other end of a pipe."""
    try:
        return open(path, "rb", opener=_open_at_once)
    except BlockingIOError:
        # Somebody holds a lease on a regular file, and gets the time to give it up.
        return open(path, "rb")


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _check(status: os.stat_result, max_bytes: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "something else")
        raise UnreadableError(f"expected a file, found {kind}")
    if status.st_size > max_bytes:
        raise TooLargeError(
            f"{status.st_size} bytes are over the limit of {max_bytes}; raise it with --max-bytes"
        )
