"""The engine as a whole, measured."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...engine.batch.job import Job, Status
from ...engine.batch.streaming_runner import StreamingRunner
from ...errors import PictureError
from .process_usage import cpu_seconds, peak_rss_mib
from .statistics import Percentiles
from .workload import WARM_UP_COUNT, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class EndToEnd:
    """A run through `StreamingRunner`, from files to files, after start-up and warm-up.

    Parameters
    ----------
    device
        That the back end chose.
    batch_size
        With "auto" resolved.
    megapixels
        Mean size of the pictures.
    seconds
        Wall time.
    images_per_second, megapixels_per_second
        Over that time.
    cpu_ms
        User and system time of a picture.
    latency_ms
        Of a picture: from the moment the runner takes its job to its outcome, queues included.
    peak_rss_mib
        Of the process, from its start.
    gpu_busy
        Share of that time in which a GPU computed, by its own clock; the mean of several. None
        where the back end does not tell.
    """

    device: str
    batch_size: int
    megapixels: float
    seconds: float
    images_per_second: float
    megapixels_per_second: float
    cpu_ms: float
    latency_ms: Percentiles
    peak_rss_mib: float
    gpu_busy: float | None = None


def measure_end_to_end(workload: Workload) -> EndToEnd:
    """Run in this process, which should be a fresh one; outputs are deleted.

    Raises
    ------
    PictureError
        A picture failed.
    """
    with workload.model.open() as opened:
        backend = opened.backend
        runner = StreamingRunner(backend, workload.options)
        _Run(runner).through(replace(workload, count=min(workload.count, WARM_UP_COUNT)))
        run = _Run(runner)
        busy_before = backend.busy_seconds
        cpu_before, start = cpu_seconds(), time.perf_counter()
        run.through(workload)
        seconds, cpu = time.perf_counter() - start, cpu_seconds() - cpu_before
        shutil.rmtree(workload.folder)
        return EndToEnd(
            device=backend.device,
            batch_size=workload.batch_size or backend.preferred_batch_size,
            megapixels=run.megapixels / workload.count,
            seconds=seconds,
            images_per_second=workload.count / seconds,
            megapixels_per_second=run.megapixels / seconds,
            cpu_ms=cpu * 1e3 / workload.count,
            latency_ms=Percentiles.of(run.latencies_ms),
            peak_rss_mib=peak_rss_mib(),
            gpu_busy=_busy_share(busy_before, backend.busy_seconds, seconds),
        )


def _busy_share(before: Sequence[float], after: Sequence[float], seconds: float) -> float | None:
    if not after:
        return None
    return (sum(after) - sum(before)) / (seconds * len(after))


class _Run:
    """Sends a workload through the runner and keeps the time of every picture."""

    def __init__(self, runner: StreamingRunner) -> None:
        self.megapixels = 0.0
        self.latencies_ms: list[float] = []
        self._runner = runner
        self._taken: dict[Path | None, float] = {}

    def through(self, workload: Workload) -> None:
        for outcome in self._runner.run(self._stamped(workload.jobs())):
            taken = self._taken.pop(outcome.job.output)
            self.latencies_ms.append((time.perf_counter() - taken) * 1e3)
            self.megapixels += outcome.megapixels
            if outcome.status is Status.FAILED:
                raise PictureError(f"{outcome.job.source}: {outcome.reason}")

    def _stamped(self, jobs: Iterator[Job]) -> Iterator[Job]:
        for job in jobs:
            self._taken[job.output] = time.perf_counter()
            yield job
