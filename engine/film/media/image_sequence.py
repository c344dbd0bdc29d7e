"""Numbered pictures as a film: frames/%06d.png."""

from __future__ import annotations

import itertools
import re
from fractions import Fraction
from pathlib import Path
from typing import Final

from ....errors import UsageError

_NUMBER: Final = re.compile(r"(?<!%)%0?(\d*)d")
_NAME: Final = re.compile(r"(.*?)(\d+)(\.[^.]+)")
# Endings of pictures that FFmpeg reads as a film.
READ_PICTURES: Final = frozenset(
    (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dpx", ".bmp", ".webp", ".exr", ".tga")
    + (".ppm", ".pgm", ".jp2", ".j2k")
)


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


def gaps(path: Path) -> list[tuple[int, int]]:
    """Runs of numbers that a pattern has no file for, first and last of each."""
    numbers = sorted(_numbered(path))
    return [
        (before + 1, after - 1)
        for before, after in itertools.pairwise(numbers)
        if after > before + 1
    ]


def pattern_of(folder: Path) -> Path | None:
    """The pattern of the numbered pictures in a folder; None if there are none.

    Raises
    ------
    UsageError
        There are pictures of several patterns.
    """
    found: dict[tuple[str, str], set[int]] = {}
    for file in folder.iterdir():
        match = _NAME.fullmatch(file.name)
        if match and file.suffix.lower() in READ_PICTURES and not file.name.startswith("."):
            widths = found.setdefault((match[1].replace("%", "%%"), match[3]), set())
            widths.add(len(match[2]))
    if not found:
        return None
    patterns = sorted(
        f"{before}%{f'0{min(widths)}' if min(widths) > 1 else ''}d{after}"
        for (before, after), widths in found.items()
    )
    if len(patterns) > 1:
        raise UsageError(
            f"{folder}: pictures of several patterns, name one of them: {', '.join(patterns[:4])}"
        )
    return folder / patterns[0]


def sequence_options(path: Path, rate: Fraction) -> dict[str, str]:
    """Options of FFmpeg's image2 demuxer for a pattern."""
    return {
        "framerate": f"{rate.numerator}/{rate.denominator}",
        "start_number": str(first_number(path)),
    }


def _numbered(path: Path) -> dict[int, Path]:
    before, _, after = _NUMBER.split(path.name, maxsplit=1)
    before, after = (part.replace("%%", "%") for part in (before, after))
    wanted = re.compile(re.escape(before) + r"(\d+)" + re.escape(after))
    matches = ((file, wanted.fullmatch(file.name)) for file in path.parent.glob("*"))
    return {int(match[1]): file for file, match in matches if match}
