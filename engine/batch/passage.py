"""One picture in the engine: what the stages hand on."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from ..pictures.picture import Picture, RecoloredPicture
from ..pictures.reader import PictureFile
from .job import Job, Outcome, Status


class Passage:
    """The state of a job between two stages; one thread owns it at a time.

    Parameters
    ----------
    ticket
        The job's place in the run, from 0.
    job
        The job.
    """

    def __init__(self, ticket: int, job: Job) -> None:
        self.ticket = ticket
        self.job = job
        self.height = 0
        self.width = 0
        self.budgeted_pixels = 0
        self.source_sha256 = ""
        self.timings_ms: dict[str, float] = {}
        self.picture_file: PictureFile | None = None
        self.picture: Picture | None = None
        self.l_plane: NDArray[np.float32] | None = None
        self.ab_planes: NDArray[np.float32] | None = None
        self.recolored: RecoloredPicture | None = None

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the block's time to that stage's milliseconds."""
        start = time.perf_counter()
        try:
            yield
        finally:
            elapsed_ms = (time.perf_counter() - start) * 1e3
            self.timings_ms[stage] = self.timings_ms.get(stage, 0.0) + elapsed_ms

    def forget(self) -> None:
        """Let go of everything large."""
        self.picture_file = self.picture = self.recolored = None
        self.l_plane = self.ab_planes = None

    def failed(self, reason: str) -> Outcome:
        """End in failure."""
        return self._outcome(Status.FAILED, reason=reason)

    def skipped(self, reason: str) -> Outcome:
        """End without work, on purpose."""
        return self._outcome(Status.SKIPPED, reason=reason)

    def written(self, file_bytes: bytes) -> Outcome:
        """End with an output file of these bytes."""
        return self._outcome(
            Status.DONE,
            output_sha256=hashlib.sha256(file_bytes).hexdigest(),
            output_bytes=len(file_bytes),
        )

    def kept(self) -> Outcome:
        """End with the result in memory."""
        return self._outcome(Status.DONE, recolored=self.recolored)

    def _outcome(
        self,
        status: Status,
        *,
        reason: str = "",
        output_sha256: str = "",
        output_bytes: int = 0,
        recolored: RecoloredPicture | None = None,
    ) -> Outcome:
        return Outcome(
            job=self.job,
            status=status,
            reason=reason,
            height=self.height,
            width=self.width,
            source_sha256=self.source_sha256,
            output_sha256=output_sha256,
            output_bytes=output_bytes,
            timings_ms=self.timings_ms,
            recolored=recolored,
        )
