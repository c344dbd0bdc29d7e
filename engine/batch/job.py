"""One picture to colorize, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ..pictures.hint import Hint
from ..pictures.picture import RecoloredPicture
from ..pictures.pixel_picture import PixelPicture


@dataclass(frozen=True, slots=True)
class Job:
    """Source and output of one picture, and what a person said of its colours.

    Parameters
    ----------
    source
        A picture's file.
    output
        None keeps the result in memory.
    hints
        For a model that takes them.
    content
        The source in memory, in place of the file: the bytes of one, or pixels.
    """

    source: Path
    output: Path | None = None
    hints: tuple[Hint, ...] = ()
    content: bytes | PixelPicture | None = None


class Status(StrEnum):
    """Final state of a job."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end of a job.

    Parameters
    ----------
    job
        The job.
    status
        Done, failed, or skipped with a reason.
    reason
        One line: the error, or why it was skipped; empty when done.
    note
        One line about a picture that is done, such as what was found in it; mostly empty.
    height, width
        Of the upright picture; 0 when its header was not read.
    source_bytes, source_mtime_ns
        Size and time of change of the source, as it was read; 0 where it was not.
    source_sha256, output_sha256
        Hex digests of the files; empty where there is none.
    output_bytes
        Size of the file written.
    notes
        What the user is to know of the output, a line each.
    timings_ms
        Milliseconds spent in each stage ("infer" is the batch's time over its pictures).
    recolored
        The result of a job without an output file.
    """

    job: Job
    status: Status
    reason: str = ""
    note: str = ""
    height: int = 0
    width: int = 0
    source_bytes: int = 0
    source_mtime_ns: int = 0
    source_sha256: str = ""
    output_sha256: str = ""
    output_bytes: int = 0
    notes: tuple[str, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    recolored: RecoloredPicture | None = None

    @property
    def megapixels(self) -> float:
        """Size of the picture in millions of pixels."""
        return self.height * self.width / 1e6
