"""Scenes of a film and their references, as a CSV file that people edit."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Final

from ....errors import UsageError
from ...atomic_write import write_atomically

_COLUMNS: Final = ("frame", "seconds", "reference")


@dataclass(frozen=True, slots=True)
class Scene:
    """Frames between two cuts.

    Parameters
    ----------
    frame
        Number of its first frame, from 0.
    reference
        A picture whose colours it takes on; None if there is none.
    """

    frame: int
    reference: Path | None = None


def read_scenes(path: Path) -> tuple[Scene, ...]:
    """Read a CSV file: columns frame, seconds (for people), reference (relative to the file).

    Raises
    ------
    UsageError
        It cannot be read, a number is none, or the scenes are not in order.
    """
    scenes: list[Scene] = []
    try:
        with open(path, encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"scenes {path}: {error}") from error
    for number, row in enumerate(rows, start=2):
        frame, reference = row.get("frame") or "", (row.get("reference") or "").strip()
        if not frame.strip().isdecimal():
            raise UsageError(
                f"scenes {path}, line {number}: expected a frame number, got {frame!r}"
            )
        scenes.append(Scene(int(frame), path.parent / reference if reference else None))
    frames = [scene.frame for scene in scenes]
    if not frames or frames != sorted(set(frames)):
        raise UsageError(f"scenes {path}: expected rows in the order of frames, at least one")
    return tuple(scenes)


def write_scenes(path: Path, cuts: Iterable[int], rate: Fraction) -> None:
    """Write a CSV file with an empty reference for each scene.

    Parameters
    ----------
    cuts
        First frames.
    rate
        Frames a second.

    Raises
    ------
    UnwritableError
        The file cannot be written.
    """
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    rows.writerows((cut, f"{float(cut / rate):.3f}", "") for cut in cuts)
    write_atomically(path, text.getvalue().encode())
