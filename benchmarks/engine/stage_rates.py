"""Each stage of the engine by itself, with the machine to itself."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from ...engine.batch.picture_stages import (
    Decoded,
    PictureStages,
    Predicted,
    Prepared,
    Recolored,
)
from ...engine.batch.plane_batches import PendingPlane, PlaneBatches, answered
from ...engine.batch.runner_options import RunnerOptions
from ...engine.batch.running_job import RunningJob
from ...engine.inference.backend import Backend
from ...engine.pictures.read_options import ReadOptions
from ...engine.pictures.reader import open_picture
from ...errors import PictureError
from .process_usage import cpu_seconds
from .workload import WARM_UP_COUNT, Workload

Given = TypeVar("Given")
Made = TypeVar("Made")
STAGES: Final = ("read", "preprocess", "infer", "recolor", "write")
# Pictures of so many pixels wait together between two stages.
_PIXELS_AT_A_TIME: Final = 128_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRate:
    """Rate of one stage when nothing else runs.

    Parameters
    ----------
    name
        One of `STAGES`.
    images_per_second
        With as many threads as it has in the engine, all of them busy.
    ms
        Wall time of a picture in one of these threads; of "infer", a batch's time over its size.
    cpu_ms
        User and system time of a picture.
    """

    name: str
    images_per_second: float
    ms: float
    cpu_ms: float


def measure_stages(workload: Workload) -> tuple[StageRate, ...]:
    """Run the workload through one stage at a time; outputs are deleted.

    Raises
    ------
    PictureError
        A picture failed.
    """
    with workload.model.open() as opened:
        backend = opened.backend
        warm_up = _Stages(backend, workload.options)
        warm_up.run(replace(workload, count=min(workload.count, WARM_UP_COUNT)))
        stages = _Stages(backend, workload.options)
        stages.run(workload)
        return stages.rates()


class _Stages:
    """The work of `StreamingRunner`, without its pipeline."""

    def __init__(self, backend: Backend, options: RunnerOptions) -> None:
        self._backend = backend
        self._options = options
        self._stages = PictureStages(backend, options)
        self._cpu_seconds: dict[str, float] = dict.fromkeys(STAGES, 0.0)
        self._timings_ms: list[dict[str, float]] = []

    def run(self, workload: Workload) -> None:
        stages = self._stages
        with ThreadPoolExecutor(self._options.threads) as pool:
            for jobs in self._portions(workload):
                decoded = self._timed("read", pool, self._read, jobs, jobs)
                prepared = self._timed("preprocess", pool, stages.prepare, jobs, decoded)
                del decoded
                predicted = self._predicted(pool, jobs, prepared)
                del prepared
                recolored = self._timed("recolor", pool, stages.recolor, jobs, predicted)
                del predicted
                outputs = list(zip(jobs, recolored, strict=True))
                del recolored
                self._timed("write", pool, self._write, jobs, outputs)
                self._timings_ms += [job.timings_ms for job in jobs]
                shutil.rmtree(workload.folder)

    def rates(self) -> tuple[StageRate, ...]:
        """Rates of all stages measured so far."""
        count = len(self._timings_ms)
        rates = []
        for name in STAGES:
            ms = sum(timings[name] for timings in self._timings_ms) / count
            threads = self._backend.callers if name == "infer" else self._options.threads
            rates.append(
                StageRate(
                    name=name,
                    images_per_second=threads * 1e3 / ms,
                    ms=ms,
                    cpu_ms=self._cpu_seconds[name] * 1e3 / count,
                )
            )
        return tuple(rates)

    def _portions(self, workload: Workload) -> Iterator[list[RunningJob]]:
        pixels_of = {}
        for file in workload.files:
            header = open_picture(
                file.read_bytes(),
                picture_format=None,
                options=ReadOptions(max_pixels=self._options.max_pixels),
            )
            pixels_of[file] = header.height * header.width
        portion: list[RunningJob] = []
        pixels = 0
        for ticket, job in enumerate(workload.jobs()):
            if portion and pixels + pixels_of[job.source] > _PIXELS_AT_A_TIME:
                yield portion
                portion, pixels = [], 0
            portion.append(RunningJob(ticket=ticket, job=job))
            pixels += pixels_of[job.source]
        yield portion

    @contextmanager
    def _counted(self, name: str) -> Iterator[None]:
        """Add the CPU time of the block to that of a stage."""
        before = cpu_seconds()
        yield
        self._cpu_seconds[name] += cpu_seconds() - before

    def _timed(
        self,
        name: str,
        pool: ThreadPoolExecutor,
        work: Callable[[Given], Made],
        jobs: Sequence[RunningJob],
        given: Sequence[Given],
    ) -> list[Made]:
        """Run a stage on every job, on all threads."""

        def timed(job: RunningJob, one: Given) -> Made:
            try:
                with job.timed(name):
                    return work(one)
            except PictureError as error:
                raise PictureError(f"{job.job.source}: {error}") from error

        with self._counted(name):
            return list(pool.map(timed, jobs, given))

    def _read(self, job: RunningJob) -> Decoded:
        source = self._stages.read(job.job)
        return self._stages.decode(self._stages.open(job.job, source))

    def _predicted(
        self, pool: ThreadPoolExecutor, jobs: Sequence[RunningJob], prepared: Sequence[Prepared]
    ) -> list[Predicted]:
        """Run the network in as many threads as it takes; in the order of the jobs."""
        items = list(zip(jobs, prepared, strict=True))
        callers = self._backend.callers
        shares = [items[start::callers] for start in range(callers)]
        with self._counted("infer"):
            found = dict(itertools.chain.from_iterable(pool.map(self._predict_all, shares)))
        return [found[job.ticket] for job in jobs]

    def _predict_all(
        self, items: Sequence[tuple[RunningJob, Prepared]]
    ) -> list[tuple[int, Predicted]]:
        size = self._options.batch_size or self._backend.preferred_batch_size
        batches: PlaneBatches[RunningJob] = PlaneBatches(size)
        found: list[tuple[int, Predicted]] = []
        for job, prepared in items:
            job.timings_ms["infer"] = 0.0
            if not prepared.shown.views:
                found.append((job.ticket, self._stages.joined(prepared, [])))
                continue
            for batch in batches.add(job, prepared):
                found += self._predict(batch)
        while batch := batches.pop_largest():
            found += self._predict(batch)
        return found

    def _predict(
        self, batch: Sequence[PendingPlane[RunningJob]]
    ) -> Iterator[tuple[int, Predicted]]:
        start = time.perf_counter()
        ab_batch = self._stages.predict([pending.plane for pending in batch])
        each_ms = (time.perf_counter() - start) * 1e3 / len(batch)
        for plane in batch:
            plane.picture.key.timings_ms["infer"] += each_ms
        for picture in answered(batch, ab_batch):
            with picture.key.timed("infer"):
                predicted = self._stages.joined(picture.prepared, picture.in_order())
            yield picture.key.ticket, predicted

    def _write(self, output: tuple[RunningJob, Recolored]) -> None:
        job, recolored = output
        assert job.job.output is not None
        self._stages.write(
            job.job.output, recolored, source=job.job.source, source_sha256=job.source_sha256
        )
