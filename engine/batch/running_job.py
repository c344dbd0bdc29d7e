"""A job on its way through the runner: its place, what is known of its source, its times."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .job import Job, Outcome, Status
from .picture_stages import Recolored, Written


@dataclass(slots=True)
class DecodingTime:
    """Seconds that one picture has kept decoders busy."""

    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningJob:
    """A job between two stages; one thread owns it at a time.

    Parameters
    ----------
    ticket
        The job's place in the run, from 0.
    job
        The job.
    source_bytes, source_mtime_ns, source_sha256
        Size, time of change and hex digest of the source; 0 and empty before it is read.
    height, width
        Pixels of the upright picture; 0 before its header is read.
    timings_ms
        Milliseconds spent in each stage so far.
    decoding
        What of it `max_seconds` limits: neither waiting for a disk nor the network's work.
    """

    ticket: int
    job: Job
    source_bytes: int = 0
    source_mtime_ns: int = 0
    source_sha256: str = ""
    height: int = 0
    width: int = 0
    timings_ms: dict[str, float] = field(default_factory=dict)
    decoding: DecodingTime = field(default_factory=DecodingTime)

    @property
    def pixels(self) -> int:
        """Number of pixels of the picture; 0 before its header is read."""
        return self.height * self.width

    @contextmanager
    def timed(self, stage: str, *, counts: bool = False) -> Iterator[None]:
        """Add the block's time to that stage's milliseconds, and to `decoding` if it counts."""
        start = time.perf_counter()
        try:
            yield
        finally:
            elapsed_ms = (time.perf_counter() - start) * 1e3
            self.timings_ms[stage] = self.timings_ms.get(stage, 0.0) + elapsed_ms
            if counts:
                self.decoding.seconds += elapsed_ms / 1e3

    def failed(self, reason: str) -> Outcome:
        """End in failure."""
        return self._outcome(Status.FAILED, reason=reason)

    def skipped(self, reason: str) -> Outcome:
        """End without work, on purpose."""
        return self._outcome(Status.SKIPPED, reason=reason)

    def written(self, written: Written, note: str = "") -> Outcome:
        """End with an output file."""
        return self._outcome(
            Status.DONE,
            note=note,
            output_sha256=written.sha256,
            output_bytes=written.nbytes,
            notes=written.notes,
        )

    def kept(self, recolored: Recolored) -> Outcome:
        """End with the result in memory."""
        return self._outcome(Status.DONE, note=recolored.note, recolored=recolored)

    def _outcome(
        self,
        status: Status,
        *,
        reason: str = "",
        note: str = "",
        output_sha256: str = "",
        output_bytes: int = 0,
        recolored: Recolored | None = None,
        notes: tuple[str, ...] = (),
    ) -> Outcome:
        return Outcome(
            job=self.job,
            status=status,
            reason=reason,
            note=note,
            height=self.height,
            width=self.width,
            source_bytes=self.source_bytes,
            source_mtime_ns=self.source_mtime_ns,
            source_sha256=self.source_sha256,
            output_sha256=output_sha256,
            output_bytes=output_bytes,
            timings_ms=self.timings_ms,
            notes=notes,
            recolored=None if recolored is None else recolored.picture,
        )
