"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ..errors import UnwritableError, first_line

_PARTIAL: Final = re.compile(r"\.[0-9a-f]{16}\.partial")


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
    # Not made from the file's own name, which may be as long as names can be.
    partial = path.parent / f".{secrets.token_hex(8)}.partial"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_bytes(file_bytes)
            partial.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                partial.unlink()
            raise
    except OSError as error:
        raise UnwritableError(f"cannot write {path}: {first_line(error)}") from error


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
