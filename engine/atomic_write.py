"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from ..errors import UnwritableError, first_line

_PARTIAL: Final = re.compile(r"\.[0-9a-f]{16}\.partial")
# Of file systems and kinds of file that cannot be synced.
_CANNOT_SYNC: Final = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS})


@dataclass(frozen=True, slots=True)
class PartialFile:
    """A whole file under a temporary name, until `commit` or `discard`.

    Parameters
    ----------
    partial
        In the folder of `path`.
    path
        The name that it is to have.
    """

    partial: Path
    path: Path

    @classmethod
    def write(cls, path: Path, file_bytes: bytes) -> PartialFile:
        """Write the bytes beside `path`; missing parent folders are made.

        Raises
        ------
        UnwritableError
            Not permitted, the disk is full, or a parent is a file; nothing stays behind.
        """
        return cls.stream(path, lambda file: file.write(file_bytes))

    @classmethod
    def stream(cls, path: Path, write: Callable[[BinaryIO], object]) -> PartialFile:
        """Have a file written that can be sought in; see `write`."""
        # Not made from the file's own name, which may be as long as names can be.
        partial = path.parent / f".{secrets.token_hex(8)}.partial"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with partial.open("w+b") as file:
                    write(file)
            except BaseException:
                with contextlib.suppress(OSError):
                    partial.unlink()
                raise
        except OSError as error:
            raise UnwritableError(f"cannot write {path}: {first_line(error)}") from error
        return cls(partial, path)

    def commit(self, *, synced: bool = False) -> None:
        """Give the file its name, in place of a file that has it.

        Parameters
        ----------
        synced
            Wait until its bytes are on the disk, before it gets its name.

        Raises
        ------
        UnwritableError
            Its folder or the disk is gone, or the name is a folder's; nothing stays behind.
        """
        try:
            if synced:
                _sync(self.partial)
            self.partial.replace(self.path)
        except BaseException as error:
            self.discard()
            if isinstance(error, OSError):
                raise UnwritableError(f"cannot write {self.path}: {first_line(error)}") from error
            raise

    def discard(self) -> None:
        """Remove the file, if it is there."""
        with contextlib.suppress(OSError):
            self.partial.unlink()


def write_atomically(path: Path, file_bytes: bytes) -> None:
    """Write to a temporary name in the same folder, then rename.

    Parameters
    ----------
    path
        Replaced if it exists; missing parent folders are made.
    file_bytes
        The whole file.

    Raises
    ------
    UnwritableError
        Not permitted, the disk is full, or a parent is a file; nothing stays behind.
    """
    PartialFile.write(path, file_bytes).commit()


def copy_times(source: Path, output: Path) -> None:
    """Give a file the times of access and change of another; raises UnwritableError."""
    try:
        status = source.stat()
        os.utime(output, ns=(status.st_atime_ns, status.st_mtime_ns))
    except OSError as error:
        raise UnwritableError(
            f"cannot set the time of {output}: {error.strerror or error}"
        ) from error


def remove_partial_files(folders: Iterable[Path]) -> int:
    """Remove what runs that were killed left unfinished; give the number of files.

    Parameters
    ----------
    folders
        Nobody else may be writing to them. What is below them is not looked at; those that cannot
        be listed or changed are passed over.
    """
    removed = 0
    for folder in folders:
        with contextlib.suppress(OSError):
            for path in folder.iterdir():
                if _PARTIAL.fullmatch(path.name):
                    path.unlink()
                    removed += 1
    return removed


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(descriptor)
