"""What SRC and DST mean: the list of jobs."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import UsageError, first_line
from ..pictures.formats import (
    FORMATS,
    NOT_WRITTEN_SUFFIXES,
    READABLE,
    READABLE_SUFFIXES,
    PictureFormat,
    format_of,
    is_writable_name,
)
from .job import Job, Outcome, Status
from .listed_paths import listed_paths
from .local_path import local_path
from .location import location_of
from .manifest import MANIFEST_NAME
from .output_names import output_name, output_names
from .system_folders import is_system_folder, passed_over_note
from .taken_names import TakenNames

_MOST_ENDINGS = 12  # that are named


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
    passed_over
        Files in a folder whose endings are none of pictures that are read: ending -> how many.
    """

    jobs: list[Job]
    refused: list[Outcome]
    root: Path | None
    notes: list[str]
    passed_over: Mapping[str, int] = field(default_factory=dict)

    @property
    def passed_over_sentence(self) -> str:
        """What was passed over, in words; empty for nothing."""
        count = sum(self.passed_over.values())
        if not count:
            return ""
        kinds = sorted(self.passed_over.items(), key=lambda pair: (-pair[1], pair[0]))
        named = ", ".join(f"{number} {ending}" for ending, number in kinds[:_MOST_ENDINGS])
        more = (
            f" and {len(kinds) - _MOST_ENDINGS} other kinds" if len(kinds) > _MOST_ENDINGS else ""
        )
        if count == 1:
            return f"1 file is no picture that can be read: {named}"
        return f"{count} files are no pictures that can be read: {named}{more}"


def plan_jobs(
    source: str | Sequence[str],
    destination: Path,
    *,
    output_format: str = "keep",
    listed: bytes = b"",
) -> BatchPlan:
    """Expand SRC into jobs.

    Parameters
    ----------
    source
        A file, a folder (recursive), a glob pattern, or "-" for `listed`; or several files, folders
        and patterns, whose outputs keep the structure below the folder that they have in common.
    destination
        A folder; or, for a single source file, a file with a picture's ending.
    output_format
        A name in `FORMATS`, or "keep".
    listed
        A list of paths, for "-"; see `listed_paths`. A file that is listed twice is done once.

    Raises
    ------
    UsageError
        SRC does not exist or has no pictures, SRC or DST is a URL, DST is a file or is SRC itself, or
        the format is unknown.
    """
    if output_format != "keep" and output_format not in FORMATS:
        raise UsageError(f"format {output_format!r}: expected keep, {', '.join(FORMATS)}")
    destination = Path(local_path(destination))
    sources = [local_path(one) for one in ([source] if isinstance(source, str) else source)]
    refused: list[Outcome] = []
    passed_over: Counter[str] = Counter()
    notes: list[str] = []
    if sources == ["-"]:
        found = _once(listed_paths(listed))
        base = _common_folder([path.parent for path in found])
    elif len(sources) == 1 and not Path(sources[0]).is_dir() and _exists(Path(sources[0])):
        return _plan_for_file(Path(sources[0]), destination, output_format)
    else:
        found, bases = [], []
        for one in sources:
            if Path(one).is_dir():
                _check_apart(Path(one), destination, notes)
                pictures = sorted(
                    _pictures_under(
                        Path(one),
                        without=destination.resolve(),
                        refused=refused,
                        passed_over=passed_over,
                        notes=notes,
                    )
                )
                bases.append(Path(one) if len(sources) == 1 else Path(one).absolute().parent)
            elif _exists(Path(one)):
                # A shell that expands album/* names all that is there, as a folder does.
                is_picture = Path(one).suffix.lower() in READABLE_SUFFIXES
                pictures = [Path(one)] if is_picture else []
                bases += [picture.parent for picture in pictures]
                passed_over.update(
                    [] if is_picture else [Path(one).suffix.lower() or "without an ending"]
                )
            elif glob.has_magic(one):
                matches = sorted(Path(match) for match in glob.glob(one, recursive=True))
                pictures = [match for match in matches if match.is_file()]
                bases.append(_fixed_part(one))
            elif one == "-":
                raise UsageError("-: the list of paths on standard input is the only SRC")
            else:
                raise UsageError(f"{one}: no such file or folder")
            found += pictures
        base = bases[0] if len(sources) == 1 else _common_folder(bases)
        found = _once(found) if len(sources) > 1 else found
    if not found and not refused:
        there = BatchPlan(jobs=[], refused=[], root=None, notes=[], passed_over=passed_over)
        detail = f"; {there.passed_over_sentence}" if passed_over else ""
        raise UsageError(f"{' '.join(sources)}: no pictures found; expected {READABLE}{detail}")
    if not destination.is_dir() and destination.suffix.lower() in NOT_WRITTEN_SUFFIXES:
        raise _not_written(destination)
    if destination.exists() and not destination.is_dir():
        raise UsageError(f"{destination} is a file; DST must be a folder when SRC is more than one")
    jobs: list[Job] = []
    taken = TakenNames(found)
    names = output_names([_relative(picture, base) for picture in found], output_format)
    for picture, name in zip(found, names, strict=True):
        job = Job(picture, destination / name)
        reason = taken.take(job.output) if job.output else ""
        if reason:
            refused.append(Outcome(job=job, status=Status.FAILED, reason=reason))
        else:
            jobs.append(job)
    notes += _case_notes(jobs)
    return BatchPlan(
        jobs=jobs, refused=refused, root=destination, notes=notes, passed_over=passed_over
    )


def output_format_of(job: Job) -> PictureFormat | None:
    """The format that a job's output is written in; None where it stays in memory."""
    return None if job.output is None else format_of(job.output)


def _plan_for_file(path: Path, destination: Path, output_format: str) -> BatchPlan:
    is_folder = destination.is_dir()
    if not is_folder and destination.suffix.lower() in NOT_WRITTEN_SUFFIXES:
        raise _not_written(destination)
    names_a_file = is_writable_name(destination) and not is_folder
    if not names_a_file:
        if destination.exists() and not destination.is_dir():
            raise UsageError(
                f"{destination} is a file without a picture's ending; name a folder, or a file "
                f"ending in {' '.join(f.suffixes[0] for f in FORMATS.values())}"
            )
        output = destination / output_name(Path(path.name), output_format)
    elif output_format != "keep" and format_of(destination).name != output_format:
        raise UsageError(f"{destination} does not end in .{output_format}, as --format asks")
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


def _not_written(destination: Path) -> UsageError:
    endings = " ".join(f.suffixes[0] for f in FORMATS.values())
    return UsageError(
        f"{destination}: {destination.suffix} files are not written; name a file ending in {endings}, "
        "or a folder"
    )


def _pictures_under(
    folder: Path,
    *,
    without: Path,
    refused: list[Outcome],
    passed_over: Counter[str],
    notes: list[str],
) -> Iterator[Path]:
    """Pictures by their ending; hidden ones are left out, `without` (resolved) is not entered."""

    def refuse(error: OSError) -> None:
        reason = f"cannot be listed: {first_line(error)}; the pictures in it are owed"
        job = Job(Path(os.fsdecode(error.filename)))
        refused.append(Outcome(job=job, status=Status.FAILED, reason=reason))

    left_out: list[Path] = []
    for parent, folders, files in os.walk(folder, onerror=refuse):
        shown = [Path(parent) / name for name in folders if not name.startswith(".")]
        notes += [
            f"{path} is a link to a folder and is not entered; name it as SRC"
            for path in shown
            if path.is_symlink()
        ]
        shown = [path for path in shown if path.resolve() != without]
        left_out += [path for path in shown if is_system_folder(path)]
        shown = [path for path in shown if not is_system_folder(path)]
        notes += [
            f"{path} holds {MANIFEST_NAME}: it is the output of a run, and is passed over"
            for path in shown
            if _has_manifest(path)
        ]
        folders[:] = [path.name for path in shown if not _has_manifest(path)]
        for name in files:
            suffix = Path(name).suffix.lower()
            if name.startswith(".") or name == MANIFEST_NAME:
                continue
            if suffix in READABLE_SUFFIXES:
                yield Path(parent) / name
            else:
                passed_over[suffix or "without an ending"] += 1
    if left_out:
        notes.append(passed_over_note(left_out))


def _has_manifest(folder: Path) -> bool:
    """Whether a folder is the output of a run; no, where nobody may look into it."""
    return os.path.exists(folder / MANIFEST_NAME)  # noqa: PTH110  # Path.exists raises


def _case_notes(jobs: list[Job]) -> list[str]:
    """One line where outputs are one file to a system that ignores case."""
    by_name: dict[str, list[Path]] = {}
    for job in jobs:
        if job.output is not None:
            by_name.setdefault(str(job.output).casefold(), []).append(job.output)
    alike = [outputs for outputs in by_name.values() if len(outputs) > 1]
    if not alike:
        return []
    names = " and ".join(output.name for output in alike[0])
    more = f", and {len(alike) - 1} more" if len(alike) > 1 else ""
    return [f"outputs differ only in case: {names}{more}; Windows and macOS take them for one file"]


def _relative(picture: Path, base: Path) -> Path:
    return Path(os.path.relpath(picture, base))


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _once(paths: Sequence[Path]) -> list[Path]:
    """Each file where it comes last, however it is spelled."""
    found = list({location_of(path): path for path in reversed(paths)}.values())
    found.reverse()
    return found


def _common_folder(folders: list[Path]) -> Path:
    absolute = {os.path.abspath(folder) for folder in folders}  # noqa: PTH100  # keeps symlinks
    return Path(os.path.commonpath(absolute)) if absolute else Path()


def _fixed_part(pattern: str) -> Path:
    """The folders of a glob before its first wildcard."""
    fixed = []
    for part in Path(pattern).parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    return Path(*fixed)
