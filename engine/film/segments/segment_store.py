"""The segments of a film, from which a run that was cut off goes on."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, Final

from ....errors import UnwritableError, UsageError, first_line
from ...file_lock import lock_exclusively
from .segment import Segment, SegmentWriter

_JOB: Final = "job.json"
_LOCK: Final = "lock"
SUFFIX: Final = ".segments"
# Bytes that the usual file systems allow a name.
_LONGEST_NAME: Final = 255


class SegmentStore:
    """A hidden folder beside the output, locked against other runs until it is closed.

    Parameters
    ----------
    output
        The film to be.
    job
        What the segments depend on, as JSON; segments of another job are thrown away.

    Raises
    ------
    UnwritableError
        The folder cannot be made, or another run has it.
    """

    def __init__(self, output: Path, job: dict[str, Any]) -> None:
        self.folder = store_folder(output)
        text = json.dumps(job, sort_keys=True)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = open(self.folder / _LOCK, "ab")  # noqa: SIM115  # closed by close
        except OSError as error:
            raise UnwritableError(f"cannot write {self.folder}: {first_line(error)}") from error
        try:
            lock_exclusively(self._lock.fileno(), self.folder, wait=False)
        except UsageError as error:
            self._lock.close()
            raise UnwritableError(
                f"another run is writing {output}; wait for its end, or name another DST"
            ) from error
        try:
            if self._job_text() != text:
                for old in self.folder.iterdir():
                    if old.name != _LOCK:
                        old.unlink()
                (self.folder / _JOB).write_text(text)
            for left_over in self.folder.glob("*.partial"):
                left_over.unlink()
        except OSError as error:
            self.close()
            raise UnwritableError(f"cannot write {self.folder}: {first_line(error)}") from error

    def segments(self) -> list[Segment]:
        """Segments that are done, in the order of the film."""
        return [self._segment(number) for number in range(self._count())]

    def writer(self) -> SegmentWriter:
        """Start the next segment; raises OSError."""
        return SegmentWriter(self._segment(self._count()))

    def close(self) -> None:
        """Give up the lock; a folder without a segment goes, one with some stays for the next run."""
        if self._lock.closed:
            return
        if not self._count():
            self.remove()
        self._lock.close()

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.folder.exists():  # some systems keep files that are open
            self._lock.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _count(self) -> int:
        return len(list(self.folder.glob("*.segment")))

    def _segment(self, number: int) -> Segment:
        stem = self.folder / f"{number:06}"
        return Segment(stem.with_suffix(".segment"), stem.with_suffix(".npz"))

    def _job_text(self) -> str | None:
        try:
            return (self.folder / _JOB).read_text()
        except OSError:
            return None


def store_folder(output: Path) -> Path:
    """Folder that keeps the segments of an output."""
    name = f".{output.name}{SUFFIX}"
    if len(os.fsencode(name)) > _LONGEST_NAME:
        digest = hashlib.sha256(os.fsencode(output.name)).hexdigest()[:16]
        name = f".{digest}{SUFFIX}"
    return output.with_name(name)


def left_over_folders(folder: Path) -> list[Path]:
    """Folders of segments in a folder: of runs that were broken off, or are at work."""
    return sorted(path for path in folder.glob(f".*{SUFFIX}") if (path / _JOB).is_file())


def discard(folder: Path) -> bool:
    """Delete a folder of segments, unless a run is at work in it; whether that was done.

    Raises
    ------
    UnwritableError
        It cannot be deleted.
    """
    try:
        with open(folder / _LOCK, "ab") as lock:
            lock_exclusively(lock.fileno(), folder, wait=False)
            shutil.rmtree(folder)
    except UsageError:
        return False
    except OSError as error:
        raise UnwritableError(f"cannot delete {folder}: {first_line(error)}") from error
    return True
