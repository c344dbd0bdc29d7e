"""PyAV; the one module that imports av."""

from __future__ import annotations

import errno
from fractions import Fraction
from numbers import Rational
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import av
import av.codec.hwaccel
import av.error
import av.filter
import av.subtitles.subtitle
from av.codec.context import Flags
from av.error import FFmpegError, InvalidDataError
from av.format import Flags as _FormatFlags
from av.stream import Disposition
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace

from ....errors import ColorizeError, UnreadableError, UnwritableError, first_line

if TYPE_CHECKING:
    from av.container import InputContainer

__all__ = [
    "GLOBAL_HEADER",
    "ColorPrimaries",
    "ColorRange",
    "Colorspace",
    "Disposition",
    "FFmpegError",
    "Flags",
    "InvalidDataError",
    "av",
    "fraction_of",
    "opened",
    "unreadable",
    "unwritable",
]

GLOBAL_HEADER: Final[int] = _FormatFlags.global_header.value  # type: ignore[assignment]

# Titles and comments are not always the UTF-8 that they should be. PyAV 18 raises then unless it is
# given how to read them; PyAV 19 takes no such option and never raises.
_TOLERANT: Final[dict[str, Any]] = (
    {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
)


def opened(path: Path, **options: Any) -> InputContainer:
    """Open a film for reading, whatever the encoding of its metadata.

    Raises
    ------
    FFmpegError, OSError, ValueError
        It cannot be opened.
    """
    container: InputContainer = av.open(str(path), "r", **_TOLERANT, **options)
    return container


def fraction_of(ratio: Rational | Any | None) -> Fraction | None:
    """Fraction of a ratio of PyAV; None where a film does not say.

    PyAV 18 gives Fraction or None. PyAV 19 gives numbers of a class of its own, which is no
    Fraction and is 0 where it had been None.
    """
    return Fraction(int(ratio.numerator), int(ratio.denominator)) if ratio else None


def unreadable(source: object, error: Exception) -> ColorizeError:
    """Error to raise when a film cannot be read."""
    return UnreadableError(f"{source}: {first_line(error)}")


def unwritable(output: object, error: Exception) -> ColorizeError:
    """Error to raise when a film cannot be written."""
    if getattr(error, "errno", None) == errno.ENOSPC:
        return UnwritableError(
            f"{output}: the disk is full; free some and run the same command again, it goes on "
            "where it stopped"
        )
    return UnwritableError(f"cannot write {output}: {first_line(error)}")
