"""The file that a manifest is kept in: opened with care, locked, appended to in whole lines."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ...errors import UnwritableError, UsageError, first_line
from ..file_lock import lock_exclusively
from .job import Status
from .manifest_entry import MAX_LINE_BYTES, ManifestEntry, output_of_done_line

# How a line of ours begins, to know the first one if a crash cut it short.
LINE_START: Final = b'{"source": "'
_OPEN_FLAGS: Final = (
    getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)


class ManifestFile:
    """A regular file of lines, ours to write for as long as it is open.

    Parameters
    ----------
    path
        Made if missing, with its folder, unless `read_only`.
    wait
        Whether to wait for another run that has it open, or to refuse.
    read_only
        Neither make, lock nor change it; a missing file reads as empty.

    Raises
    ------
    UsageError
        It is a link or no regular file, another program's, or another run has it open.
    UnwritableError
        The file or its folder cannot be made or written.
    """

    def __init__(self, path: Path, *, wait: bool = False, read_only: bool = False) -> None:
        self.path = path
        self._read_only = read_only
        self._descriptor = -1
        try:
            if not read_only:
                path.parent.mkdir(parents=True, exist_ok=True)
            access = os.O_RDONLY if read_only else os.O_RDWR | os.O_CREAT | os.O_APPEND
            self._descriptor = os.open(path, access | _OPEN_FLAGS, 0o666)
        except FileNotFoundError as error:
            if not read_only:
                raise UnwritableError(f"cannot write {path}: {first_line(error)}") from error
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO) or path.is_symlink():
                raise _no_regular_file(path) from error
            raise UnwritableError(f"cannot write {path}: {first_line(error)}") from error
        if self._descriptor < 0:
            return
        try:
            if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
                raise _no_regular_file(path)
            if not read_only:
                lock_exclusively(self._descriptor, path.parent, wait=wait)
        except BaseException:
            self.close()
            raise

    def done_outputs(self) -> Iterator[tuple[int, str]]:
        """(offset, output) of every line that says "done", from the first.

        Lines that are not ours are passed over.

        Afterwards an unfinished last line, which a crash left, has been cut off; not if `read_only`.

        Raises
        ------
        UsageError
            There are lines, and none is ours.
        """
        if self._descriptor < 0:
            return
        start = offset = are_ours = 0
        first, ends_whole = b"", True
        with open(os.dup(self._descriptor), "rb") as lines:
            lines.seek(0)
            while line := lines.readline(MAX_LINE_BYTES):
                first = first or line
                start, ends_whole = offset, line.endswith(b"\n")
                offset += len(line)
                if not ends_whole and len(line) == MAX_LINE_BYTES:
                    while not ends_whole and (rest := lines.readline(MAX_LINE_BYTES)):
                        offset += len(rest)
                        ends_whole = rest.endswith(b"\n")
                    continue
                if not ends_whole:
                    continue
                output = output_of_done_line(line)
                if output is None and (entry := ManifestEntry.from_line(line)) is not None:
                    are_ours += 1
                    output = entry.output if entry.status is Status.DONE else None
                if output is not None:
                    are_ours += 1
                    yield start, output
        cut_at = offset if ends_whole else start
        if first and not are_ours and not (cut_at == 0 and first.startswith(LINE_START)):
            raise UsageError(
                f"{self.path} was written by another program; move it away, or choose another DST"
            )
        if not ends_whole and not self._read_only:
            os.ftruncate(self._descriptor, cut_at)

    def entry_at(self, offset: int) -> ManifestEntry | None:
        """Read the entry whose line begins at an offset; None if the file was tampered with."""
        line = b""
        while b"\n" not in line and len(line) < MAX_LINE_BYTES:
            more = _read_at(self._descriptor, 4096, offset + len(line))
            if not more:
                break
            line += more
        return ManifestEntry.from_line(line.partition(b"\n")[0])

    def append(self, lines: bytes) -> int:
        """Write whole lines at the end; give the offset of the first.

        Raises
        ------
        UnwritableError
            The disk is full, or the like; the file is left as it was.
        """
        size = os.fstat(self._descriptor).st_size
        try:
            written = os.write(self._descriptor, lines)
            if written != len(lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            os.ftruncate(self._descriptor, size)
            raise UnwritableError(f"cannot write {self.path}: {first_line(error)}") from error
        return size

    @property
    def is_in_place(self) -> bool:
        """Whether the file is still found under its name: nobody removed or replaced its folder."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), self.path.lstat())
        except OSError:
            return False

    def close(self) -> None:
        """Sync and close the file, which gives up the lock; idempotent."""
        if self._descriptor >= 0:
            try:
                if not self._read_only:
                    os.fsync(self._descriptor)
            except OSError:
                pass  # a pipe, or a disk that is gone; each line was written already
            finally:
                os.close(self._descriptor)
                self._descriptor = -1


def _read_at(descriptor: int, count: int, offset: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, count, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)  # Windows: O_APPEND writes at the end all the same
    return os.read(descriptor, count)


def _no_regular_file(path: Path) -> UsageError:
    return UsageError(f"{path} is not a regular file; move it away, or choose another DST")
