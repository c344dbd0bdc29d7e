"""Numbered pictures as a film: frames/%06d.png."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Final

from ....errors import UsageError

_NUMBER: Final = re.compile(r"%0?(\d*)d")


def is_sequence(path: Path) -> bool:
    """Whether a path is a pattern of numbered pictures."""
    return _NUMBER.search(path.name) is not None


def sequence_files(path: Path) -> list[Path]:
    """The files of a pattern, by number.

    Raises
    ------
    UsageError
        There is none.
    """
    files = _numbered(path)
    if not files:
        raise UsageError(f"{path}: no file matches this pattern")
    return [files[number] for number in sorted(files)]


def first_number(path: Path) -> int:
    """The lowest number that a pattern finds a file for; raises UsageError if there is none."""
    sequence_files(path)
    return min(_numbered(path))


def sequence_options(path: Path, rate: Fraction) -> dict[str, str]:
    """Options of FFmpeg's image2 demuxer for a pattern."""
    return {
        "framerate": f"{rate.numerator}/{rate.denominator}",
        "start_number": str(first_number(path)),
    }


def _numbered(path: Path) -> dict[int, Path]:
    before, _, after = _NUMBER.split(path.name, maxsplit=1)
    wanted = re.compile(re.escape(before) + r"(\d+)" + re.escape(after))
    matches = ((file, wanted.fullmatch(file.name)) for file in path.parent.glob("*"))
    return {int(match[1]): file for file, match in matches if match}
