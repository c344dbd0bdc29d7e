"""What SRC and DST of a film run mean."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...errors import UsageError
from .media.image_sequence import gaps, is_sequence, pattern_of, sequence_files

# Endings that are looked for in folders. Those of containers that are written too keep theirs.
WRITTEN_SUFFIXES: Final = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".ts", ".mts", ".nut", ".3gp")
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
_GAPS_NAMED: Final = 8


@dataclass(frozen=True, slots=True)
class FilmJob:
    """Source and output of a film; either may be a pattern of numbered pictures.

    Parameters
    ----------
    source
        What is colorized.
    output
        Where to.
    is_open
        Whether the output's ending may be chosen by what the film needs.
    """

    source: Path
    output: Path
    is_open: bool = False


def film_jobs(sources: Sequence[Path], destination: Path, *, allow_gaps: bool) -> list[FilmJob]:
    """Expand SRC into jobs.

    Parameters
    ----------
    sources
        Films, patterns of numbered pictures, folders of either, searched through, or globs.
    destination
        A film or a pattern, when SRC is one film; else a folder. A name without an ending is a
        folder.
    allow_gaps
        Whether numbered pictures may lack some in between.

    Raises
    ------
    UsageError
        SRC does not exist or holds no films, or DST is SRC.
    """
    found = [path for source in sources for path in _expanded(source)]
    if not found:
        raise UsageError(f"{' '.join(map(str, sources))}: no such film or folder")
    pairs: list[tuple[Path, Path]] = []
    is_folder = destination.is_dir() or not destination.suffix
    for source in found:
        if not source.is_dir():
            pairs.append((source, Path(source.name)))
            continue
        films = _films_under(source, destination)
        pattern = None if films else pattern_of(source)
        if pattern is not None:
            pairs.append((pattern, Path(pattern.name)))
        elif not films:
            raise UsageError(
                f"{source}: no films and no numbered pictures found; expected "
                f"{' '.join(sorted(READ_SUFFIXES))}"
            )
        else:
            is_folder = True
            pairs += [(film, film.relative_to(source)) for film in films]
    if is_folder or len(pairs) > 1:
        jobs = _jobs_into(pairs, destination)
    else:
        jobs = [FilmJob(pairs[0][0], destination)]
    for job in jobs:
        if is_sequence(job.source):
            _check_pictures(job.source, allow_gaps=allow_gaps)
        if job.output.resolve() == job.source.resolve():
            raise UsageError(f"{job.output} is SRC itself; sources are never written over")
    return jobs


def describe_gaps(path: Path) -> str:
    """Numbers that a pattern has no file for, such as "4, 7-8"; empty if there are none."""
    missing = gaps(path)
    named = [str(a) if a == b else f"{a}-{b}" for a, b in missing[:_GAPS_NAMED]]
    return ", ".join([*named, *(["..."] if len(missing) > _GAPS_NAMED else [])])


def _expanded(source: Path) -> list[Path]:
    if is_sequence(source) or source.exists():
        return [source]
    text = str(source)
    matches = sorted(map(Path, glob.glob(text, recursive=True))) if glob.has_magic(text) else []
    if not matches:
        raise UsageError(f"{source}: no such film or folder")
    return matches


def _check_pictures(pattern: Path, *, allow_gaps: bool) -> None:
    sequence_files(pattern)
    missing = describe_gaps(pattern)
    if missing and not allow_gaps:
        raise UsageError(f"{pattern}: no file for {missing}; --allow-gaps goes on without them")


def _films_under(folder: Path, destination: Path) -> list[Path]:
    inside = destination.resolve()
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in READ_SUFFIXES
        and path.is_file()
        and not path.name.startswith(".")
        and not (path.resolve().is_relative_to(inside) and inside != folder.resolve())
    )


def _jobs_into(pairs: Sequence[tuple[Path, Path]], folder: Path) -> list[FilmJob]:
    """Jobs into a folder, each with a name of its own."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; DST must be a folder when SRC is more than one film")
    jobs: dict[Path, FilmJob] = {}
    for source, name in pairs:
        if is_sequence(source):
            raise UsageError(f"{folder}: name a film, or a pattern such as out/%06d.png")
        is_open = name.suffix.lower() not in WRITTEN_SUFFIXES
        output = folder / (name.with_suffix(DEFAULT_SUFFIX) if is_open else name)
        if output in jobs:  # two films that differ in their ending, or in their folder, only
            output = output.with_name(f"{name.stem}{name.suffix.replace('.', '-')}{output.suffix}")
        number = 2
        while output in jobs:
            output = output.with_stem(f"{name.stem}-{number}")
            number += 1
        jobs[output] = FilmJob(source, output, is_open)
    return list(jobs.values())
