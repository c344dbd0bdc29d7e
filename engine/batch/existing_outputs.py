"""What happens to outputs that are there already."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from itertools import islice
from typing import Final, NamedTuple

from ...errors import first_line
from ..threads.cores import available_cores
from .job import Job, Status
from .location import location_of
from .manifest import Manifest
from .manifest_entry import ManifestEntry
from .source_bytes import sha256_of_file


class Existing(StrEnum):
    """The rule for outputs that exist.

    KEEP leaves every one alone, OVERWRITE replaces all, RESUME replaces those that were not
    finished with this model and these settings, VERIFY also those whose bytes are not as recorded.
    """

    KEEP = "keep"
    OVERWRITE = "overwrite"
    RESUME = "resume"
    VERIFY = "verify"


class Verdict(NamedTuple):
    """What is settled of a job before any work; without a status it has to be done."""

    status: Status | None
    reason: str = ""


_TO_DO: Final = Verdict(None)
_EXISTS: Final = Verdict(Status.SKIPPED, "its output exists")
_FINISHED: Final = Verdict(Status.SKIPPED, "finished before")
_AT_A_TIME: Final = 256  # bounds the futures that wait, not the work


def verdicts(
    jobs: Iterable[Job], existing: Existing, manifest: Manifest | None
) -> Iterator[tuple[Job, Verdict]]:
    """Settle which jobs need no work, in their order; files are looked at on several threads.

    A source that was only touched, moved with its folder, or spelled otherwise is known by its
    sha256, and the manifest gets its new place and time.

    Parameters
    ----------
    jobs
        With outputs.
    existing
        The rule.
    manifest
        Of the output folder; without one, RESUME leaves existing outputs alone.
    """
    with ThreadPoolExecutor(2 * available_cores(), "look") as threads:
        left = iter(jobs)
        while group := list(islice(left, _AT_A_TIME)):
            settled = threads.map(lambda job: verdict_on(job, existing, manifest), group)
            yield from zip(group, settled, strict=True)


def verdict_on(job: Job, existing: Existing, manifest: Manifest | None) -> Verdict:
    """Settle whether one job needs work; see `verdicts`."""
    if job.output is None:
        return _TO_DO
    try:
        output = job.output.stat()
    except (FileNotFoundError, NotADirectoryError):
        return _TO_DO
    except OSError as error:
        return Verdict(Status.FAILED, f"cannot write {job.output}: {first_line(error)}")
    if stat.S_ISDIR(output.st_mode):
        return Verdict(Status.FAILED, f"{job.output} is a folder; move it away")
    if existing is Existing.OVERWRITE:
        return _TO_DO
    if existing is Existing.KEEP:
        return _EXISTS
    if manifest is None:
        return _FINISHED
    entry = manifest.entry_of(job.output)
    if entry is None:
        return _TO_DO
    try:
        return _verdict_by(entry, job, output, manifest, verify=existing is Existing.VERIFY)
    except OSError:  # the source cannot be read: the run says why
        return _TO_DO


def _verdict_by(
    entry: ManifestEntry, job: Job, output: os.stat_result, manifest: Manifest, *, verify: bool
) -> Verdict:
    assert job.output is not None
    source = job.source.stat()
    in_place = location_of(job.source) == entry.source_path
    untouched = (source.st_size, source.st_mtime_ns) == (entry.source_bytes, entry.source_mtime_ns)
    if not (in_place and untouched):
        is_same = source.st_size == entry.source_bytes and (
            sha256_of_file(job.source) == entry.source_sha256
        )
        if not is_same and not in_place and entry.source_path:
            return Verdict(
                Status.FAILED,
                f"{job.output} was made of another picture, {entry.source}; choose another DST, or "
                "--overwrite",
            )
        if not is_same:
            return _TO_DO
    if not manifest.is_of_this_run(entry) or output.st_size != entry.output_bytes:
        return _TO_DO
    if verify and sha256_of_file(job.output) != entry.output_sha256:
        return _TO_DO
    if not (in_place and untouched):
        manifest.restamp(entry, job, source)
    return _FINISHED
