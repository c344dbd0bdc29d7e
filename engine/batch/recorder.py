"""Outcomes into the manifest, in groups, and only after the disk has what they say."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from ...errors import UnwritableError, first_line
from .job import Outcome, Status
from .manifest import Manifest

# A kill loses the record, not the pictures, of so many outcomes and seconds at the most.
_GROUP: Final = 64
_SECONDS: Final = 0.5
_NO_SUCH_OPERATION: Final = frozenset(
    {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EPERM}
)


class Recorder:
    """Holds outcomes back until they are on the record.

    The folders of a group's outputs are synced before its lines are written; the outputs themselves
    were before they got their names. So a line that says "done" is true after a power cut too.

    Parameters
    ----------
    manifest
        None records nothing, but syncs.
    on_loss
        Told in a line when the manifest cannot be written any more; the run goes on without.
    """

    def __init__(self, manifest: Manifest | None, on_loss: Callable[[str], None]) -> None:
        self._manifest = manifest
        self._on_loss = on_loss
        self._held: list[Outcome] = []
        self._last_flush = 0.0
        self.has_recorded = False

    @property
    def manifest(self) -> Manifest | None:
        """The manifest that is still written to."""
        return self._manifest

    def take(self, outcome: Outcome) -> list[Outcome]:
        """Take an outcome; give those that are on the record now, perhaps none."""
        self._held.append(outcome)
        waited = time.monotonic() - self._last_flush > _SECONDS
        if waited or len(self._held) >= _GROUP or outcome.status is Status.FAILED:
            return self.flush()
        return []

    def flush(self) -> list[Outcome]:
        """Put all that is held on the record, and give it.

        After an interrupt on the way it is still held: a line that is written twice does no harm.
        """
        held = list(self._held)
        self._last_flush = time.monotonic()
        unsynced = _unsynced_folders(held)
        outcomes = [_with_fault_of_folder(outcome, unsynced) for outcome in held]
        lines = [outcome for outcome in outcomes if _belongs_on_record(outcome)]
        if self._manifest is not None and lines:
            try:
                self._manifest.append(lines)
                self.has_recorded = True
            except UnwritableError as error:
                self._on_loss(f"{error}; going on without a manifest")
                self._manifest = None
        del self._held[: len(held)]
        return outcomes


def _belongs_on_record(outcome: Outcome) -> bool:
    untouched = outcome.status is Status.SKIPPED and not outcome.source_sha256
    return outcome.job.output is not None and not untouched


def _unsynced_folders(outcomes: list[Outcome]) -> dict[Path, str]:
    """Sync the folders of new outputs; give those where that failed, with the reason."""
    folders = {
        outcome.job.output.parent
        for outcome in outcomes
        if outcome.status is Status.DONE and outcome.job.output is not None
    }
    failed = {}
    for folder in folders:
        try:
            sync_folder(folder)
        except OSError as error:
            failed[folder] = first_line(error)
    return failed


def _with_fault_of_folder(outcome: Outcome, unsynced: dict[Path, str]) -> Outcome:
    output = outcome.job.output
    if outcome.status is not Status.DONE or output is None or output.parent not in unsynced:
        return outcome
    reason = f"{output} is perhaps not on the disk: {unsynced[output.parent]}"
    return replace(outcome, status=Status.FAILED, reason=reason)


def sync_folder(folder: Path) -> None:
    """Wait until a folder's entries are on the disk; where folders cannot be synced, do nothing.

    Raises
    ------
    OSError
        The folder is gone, or the disk failed.
    """
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SUCH_OPERATION:
            raise
    finally:
        os.close(descriptor)
