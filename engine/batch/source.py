"""What SRC and DST mean: the list of jobs."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ...errors import UsageError, first_line
from ..pictures.formats import FORMATS, READABLE, READABLE_SUFFIXES, PictureFormat, format_of
from .job import Job, Outcome, Status
from .taken_names import TakenNames


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlan:
    """The jobs of a run and what was decided on the way.

    Parameters
    ----------
    jobs
        In the order of their source paths; no two have one output.
    refused
        Failures before any work: an output that is another source's or a source itself, a folder
        that cannot be listed (its output is None).
    root
        The folder that outputs lie under; None when DST names a single file.
    notes
        One line each, for the user.
    """

    jobs: list[Job]
    refused: list[Outcome]
    root: Path | None
    notes: list[str]


def plan_jobs(
    source: str, destination: Path, *, output_format: str = "keep", listed: Iterable[str] = ()
) -> BatchPlan:
    """Expand SRC into jobs.

    Parameters
    ----------
    source
        A file, a folder (recursive), a glob pattern, or "-" for `listed`.
    destination
        A folder; or, for a single source file, a file with a picture's ending.
    output_format
        A name in `FORMATS`, or "keep".
    listed
        Lines of paths, for "-"; empty lines are passed over.

    Raises
    ------
    UsageError
        SRC does not exist or has no pictures, DST is a file or is SRC itself, or the format is
        unknown.
    """
    if output_format != "keep" and output_format not in FORMATS:
        raise UsageError(f"format {output_format!r}: expected keep, {', '.join(FORMATS)}")
    notes: list[str] = []
    refused: list[Outcome] = []
    path = Path(source)
    if source == "-":
        found = [Path(line) for line in (raw.strip("\r\n\0") for raw in listed) if line]
        base = _common_folder(found)
    elif path.is_dir():
        _check_apart(path, destination, notes)
        found = sorted(_pictures_under(path, without=destination.resolve(), refused=refused))
        base = path
    elif path.exists() or path.is_symlink():
        return _plan_for_file(path, destination, output_format)
    elif glob.has_magic(source):
        found = sorted(Path(match) for match in glob.glob(source, recursive=True))
        found = [match for match in found if match.is_file()]
        base = _fixed_part(source)
    else:
        raise UsageError(f"{source}: no such file or folder")
    if not found and not refused:
        raise UsageError(f"{source}: no pictures found; expected {READABLE} files")
    if destination.exists() and not destination.is_dir():
        raise UsageError(f"{destination} is a file; DST must be a folder when SRC is more than one")
    jobs: list[Job] = []
    taken = TakenNames(found)
    for picture in found:
        job = Job(picture, destination / _output_name(_relative(picture, base), output_format))
        reason = taken.take(job.output) if job.output else ""
        if reason:
            refused.append(Outcome(job=job, status=Status.FAILED, reason=reason))
        else:
            jobs.append(job)
    return BatchPlan(jobs=jobs, refused=refused, root=destination, notes=notes)


def output_format_of(job: Job) -> PictureFormat | None:
    """The format that a job's output is written in; None where it stays in memory."""
    return None if job.output is None else format_of(job.output)


def _plan_for_file(path: Path, destination: Path, output_format: str) -> BatchPlan:
    names_a_file = destination.suffix.lower() in READABLE_SUFFIXES and not destination.is_dir()
    if not names_a_file:
        if destination.exists() and not destination.is_dir():
            raise UsageError(
                f"{destination} is a file without a picture's ending; name a folder, or a file "
                f"ending in {' '.join(f.suffixes[0] for f in FORMATS.values())}"
            )
        output = destination / _output_name(Path(path.name), output_format)
    elif output_format != "keep" and format_of(destination).name != output_format:
        raise UsageError(f"{destination} does not end in .{output_format}, as --format asks")
    elif not _is_writable_name(destination):
        raise UsageError(f"{destination}: {destination.suffix} is not written; name a .png file")
    else:
        output = destination
    if output.resolve() == path.resolve():
        raise UsageError(f"{destination} is SRC itself; sources are never written over")
    return BatchPlan(
        jobs=[Job(path, output)],
        refused=[],
        root=None if names_a_file else destination,
        notes=[],
    )


def _check_apart(source: Path, destination: Path, notes: list[str]) -> None:
    if source.resolve() == destination.resolve():
        raise UsageError(f"DST {destination} is SRC itself; sources are never written over")
    if source.resolve() in destination.resolve().parents:
        notes.append(f"DST {destination} lies inside SRC; what is in it is not taken as a source")


def _pictures_under(folder: Path, *, without: Path, refused: list[Outcome]) -> Iterator[Path]:
    """Pictures by their ending; hidden ones are left out, `without` (resolved) is not entered."""

    def refuse(error: OSError) -> None:
        reason = f"cannot be listed: {first_line(error)}; the pictures in it are owed"
        job = Job(Path(os.fsdecode(error.filename)))
        refused.append(Outcome(job=job, status=Status.FAILED, reason=reason))

    for parent, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and (Path(parent) / name).resolve() != without
        ]
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in READABLE_SUFFIXES:
                yield Path(parent) / name


def _output_name(relative: Path, output_format: str) -> Path:
    if output_format == "keep":
        return relative if _is_writable_name(relative) else relative.with_suffix(".png")
    if relative.suffix.lower() in FORMATS[output_format].suffixes:
        return relative
    return relative.with_suffix(FORMATS[output_format].suffixes[0])


def _is_writable_name(path: Path) -> bool:
    return any(path.suffix.lower() in f.suffixes for f in FORMATS.values())


def _relative(picture: Path, base: Path) -> Path:
    return Path(os.path.relpath(picture, base))


def _common_folder(paths: list[Path]) -> Path:
    parents = {os.path.abspath(path.parent) for path in paths}  # noqa: PTH100  # keeps symlinks
    return Path(os.path.commonpath(parents)) if parents else Path()


def _fixed_part(pattern: str) -> Path:
    """The folders of a glob before its first wildcard."""
    fixed = []
    for part in Path(pattern).parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    return Path(*fixed)
