"""The segments of a film, from which a run that was cut off goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

from ....errors import UnwritableError, first_line
from .segment import Segment, SegmentWriter

_JOB: Final = "job.json"


class SegmentStore:
    """A hidden folder beside the output.

    Parameters
    ----------
    output
        The film to be.
    job
        What the segments depend on, as JSON; segments of another job are thrown away.

    Raises
    ------
    UnwritableError
        The folder cannot be made.
    """

    def __init__(self, output: Path, job: dict[str, Any]) -> None:
        self.folder = store_folder(output)
        text = json.dumps(job, sort_keys=True)
        try:
            if self._job_text() != text:
                shutil.rmtree(self.folder, ignore_errors=True)
                self.folder.mkdir(parents=True)
                (self.folder / _JOB).write_text(text)
            for left_over in self.folder.glob("*.partial"):
                left_over.unlink()
        except OSError as error:
            raise UnwritableError(f"cannot write {self.folder}: {first_line(error)}") from error

    def segments(self) -> list[Segment]:
        """Segments that are done, in the order of the film."""
        return [self._segment(number) for number in range(self._count())]

    def writer(self) -> SegmentWriter:
        """Start the next segment; raises OSError."""
        return SegmentWriter(self._segment(self._count()))

    def remove(self) -> None:
        """Delete the folder."""
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
    return output.with_name(f".{output.name}.segments")
