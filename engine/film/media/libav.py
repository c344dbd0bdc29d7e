"""PyAV; the one module that imports av."""

from __future__ import annotations

import errno
from typing import Final

import av
from av.codec.context import Flags
from av.error import FFmpegError, InvalidDataError
from av.format import Flags as _FormatFlags
from av.stream import Disposition

from ....errors import ColorizeError, UnreadableError, UnwritableError

__all__ = [
    "GLOBAL_HEADER",
    "Disposition",
    "FFmpegError",
    "Flags",
    "InvalidDataError",
    "av",
    "unreadable",
    "unwritable",
]

GLOBAL_HEADER: Final[int] = _FormatFlags.global_header.value  # type: ignore[assignment]


def unreadable(source: object, error: Exception) -> ColorizeError:
    """Error to raise when a film cannot be read."""
    return UnreadableError(f"{source}: {_reason(error)}")


def unwritable(output: object, error: Exception) -> ColorizeError:
    """Error to raise when a film cannot be written."""
    if getattr(error, "errno", None) == errno.ENOSPC:
        return UnwritableError(
            f"{output}: the disk is full; free some and run the same command again, it goes on "
            "where it stopped"
        )
    return UnwritableError(f"cannot write {output}: {_reason(error)}")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
