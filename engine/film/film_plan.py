"""What SRC and DST of a film run mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...errors import UsageError
from .media.image_sequence import is_sequence, sequence_files

# Endings that are looked for in folders. Those of containers that are written too keep theirs.
WRITTEN_SUFFIXES: Final = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".ts", ".mts", ".nut")
READ_SUFFIXES: Final = frozenset(WRITTEN_SUFFIXES).union(
    (
        ".avi",
        ".mpg",
        ".mpeg",
        ".m2ts",
        ".vob",
        ".wmv",
        ".asf",
        ".flv",
        ".ogv",
        ".3gp",
        ".mxf",
        ".dv",
    )
)
DEFAULT_SUFFIX: Final = ".mp4"


@dataclass(frozen=True, slots=True)
class FilmJob:
    """Source and output of a film; either may be a pattern of numbered pictures."""

    source: Path
    output: Path


def plan_films(source: Path, destination: Path) -> list[FilmJob]:
    """Expand SRC into jobs.

    Parameters
    ----------
    source
        A film, a pattern of numbered pictures, or a folder of films, searched through.
    destination
        A film or a pattern, when SRC is one film; else a folder. A name without an ending is a
        folder.

    Raises
    ------
    UsageError
        SRC does not exist or holds no films, two films would have one output, or DST is SRC.
    """
    if source.is_dir():
        jobs = _jobs_under(source, destination)
    elif is_sequence(source):
        sequence_files(source)
        if not destination.suffix:
            raise UsageError(f"{destination}: name a film, or a pattern such as out/%06d.png")
        jobs = [FilmJob(source, destination)]
    elif source.exists():
        is_folder = destination.is_dir() or not destination.suffix
        output = destination / _output_name(source) if is_folder else destination
        jobs = [FilmJob(source, output)]
    else:
        raise UsageError(f"{source}: no such film or folder")
    for job in jobs:
        if job.output.resolve() == job.source.resolve():
            raise UsageError(f"{job.output} is SRC itself; sources are never written over")
    return jobs


def _jobs_under(folder: Path, destination: Path) -> list[FilmJob]:
    if destination.exists() and not destination.is_dir():
        raise UsageError(f"{destination} is a file; DST must be a folder when SRC is one")
    films = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in READ_SUFFIXES
        and path.is_file()
        and not path.name.startswith(".")
        and not path.resolve().is_relative_to(destination.resolve())
    )
    if not films:
        raise UsageError(f"{folder}: no films found; expected {' '.join(sorted(READ_SUFFIXES))}")
    outputs: dict[Path, Path] = {}
    for film in films:
        output = destination / film.relative_to(folder).with_name(_output_name(film))
        if output in outputs:
            raise UsageError(f"{film} and {outputs[output]} have one output; rename one of them")
        outputs[output] = film
    return [FilmJob(film, output) for output, film in outputs.items()]


def _output_name(film: Path) -> str:
    return film.name if film.suffix.lower() in WRITTEN_SUFFIXES else film.stem + DEFAULT_SUFFIX
