"""Many pictures through read, preprocess, infer, recolor and write, all at work at one time."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...errors import one_line
from ..inference.backend import Backend
from ..threads.channel import Channel, ChannelClosed
from ..threads.run_threads import run_threads
from .job import Job, Outcome
from .picture_stages import Decoded, Opened, PictureStages, Predicted, Prepared, Recolored
from .pixel_budget import PixelBudget
from .plane_batches import PendingPlane, PlaneBatches, answered, failed
from .runner_options import RunnerOptions
from .running_job import RunningJob

log: Final = logging.getLogger("colorize_batch")

Given = TypeVar("Given")
Made = TypeVar("Made")
_Items: TypeAlias = Channel[tuple[RunningJob, Made]]


class StreamingRunner:
    """Colorizes jobs on threads, stage by stage over bounded channels.

    Memory depends on `max_pixels_in_flight`, not on the number of jobs. A picture that fails
    becomes a failed outcome; the run goes on.

    Parameters
    ----------
    backend
        Runs the network; owned by the caller, who closes it after the run.
    options
        How pictures are colorized.

    Raises
    ------
    UsageError
        The model does not take `options.working_size`.
    """

    def __init__(self, backend: Backend, options: RunnerOptions) -> None:
        self._backend = backend
        self._options = options
        self._stages = PictureStages(backend, options)

    def run(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Colorize.

        Closing the generator (or an exception in the loop over it, Ctrl-C included) stops the
        threads; files being written then are finished or left out, never cut short.

        Parameters
        ----------
        jobs
            Taken one by one, as room becomes free.

        Yields
        ------
        Outcome
            One for each job, in the order of the jobs if `ordered`, else as they end.
        """
        pipeline = _Pipeline(self._stages, self._backend, self._options, jobs)
        with pipeline.running():
            outcomes = pipeline.outcomes()
            yield from _in_order(outcomes) if self._options.ordered else map(_second, outcomes)
            if pipeline.jobs_error is not None:
                raise pipeline.jobs_error


class _Pipeline:
    """The threads and channels of one run."""

    def __init__(
        self, stages: PictureStages, backend: Backend, options: RunnerOptions, jobs: Iterable[Job]
    ) -> None:
        self.jobs_error: BaseException | None = None
        self._stages = stages
        self._jobs = enumerate(jobs)
        self._jobs_lock = Lock()
        self._budget = PixelBudget(options.pixels_in_flight)
        workers = options.threads
        self._batch_size = options.batch_size or backend.preferred_batch_size
        room = 2 * self._batch_size * backend.callers
        self._decoded: _Items[Decoded] = Channel(workers, producers=workers)
        self._prepared: _Items[Prepared] = Channel(room, producers=workers)
        self._predicted: _Items[Predicted] = Channel(room, producers=backend.callers)
        self._recolored: _Items[Recolored] = Channel(workers, producers=workers)
        self._ended: _Items[Outcome] = Channel(4 * workers, producers=workers)
        self._channels = (
            self._decoded, self._prepared, self._predicted, self._recolored, self._ended
        )  # fmt: skip
        prepare = self._loop("preprocess", self._decoded, self._stages.prepare, self._prepared)
        recolor = self._loop("recolor", self._predicted, self._stages.recolor, self._recolored)
        self._loops = [
            *itertools.repeat(("read", self._read_loop), workers),
            *itertools.repeat(("preprocess", prepare), workers),
            *itertools.repeat(("infer", self._infer_loop), backend.callers),
            *itertools.repeat(("recolor", recolor), workers),
            *itertools.repeat(("write", self._write_loop), workers),
        ]

    @contextmanager
    def running(self) -> Iterator[None]:
        """All threads at work until the block ends."""
        with run_threads(self._loops, self._channels), closing(self._budget):
            yield

    def outcomes(self) -> Iterator[tuple[int, Outcome]]:
        """(ticket, outcome) as they end; the pixels of each are given back as it is taken."""
        while True:
            try:
                ended = self._ended.get()
            except ChannelClosed:
                return
            if ended is not None:
                job, outcome = ended
                yield job.ticket, outcome
                self._budget.release(job.pixels)

    def _read_loop(self) -> None:
        try:
            while (job := self._next_job()) is not None:
                job, opened = self._opened(job)
                # Also after a failure: the tickets behind this one wait for it.
                if not self._budget.acquire(job.ticket, job.pixels):
                    return
                decoded = opened if isinstance(opened, Outcome) else self._decode(job, opened)
                del opened
                self._pass_on(job, decoded, self._decoded)
                del decoded
        except ChannelClosed:
            pass
        finally:
            self._decoded.close()

    def _next_job(self) -> RunningJob | None:
        with self._jobs_lock:
            if self.jobs_error is not None:
                return None
            try:
                ticket, job = next(self._jobs)
            except StopIteration:
                return None
            except Exception as error:  # the caller's iterable; raised in run()
                self.jobs_error = error
                return None
            return RunningJob(ticket=ticket, job=job)

    def _opened(self, job: RunningJob) -> tuple[RunningJob, Opened | Outcome]:
        """Read the file and its header, and note what they say of the picture."""
        source = self._done("read", job, self._stages.read, job.job)
        if isinstance(source, Outcome):
            return job, source
        job = replace(job, source_sha256=source.sha256)
        opened = self._done("read", job, partial(self._stages.open, job.job), source)
        if isinstance(opened, Opened):
            job = replace(job, height=opened.file.height, width=opened.file.width)
        return job, opened

    def _decode(self, job: RunningJob, opened: Opened) -> Decoded | Outcome:
        decoded = self._done("read", job, self._stages.decode, opened)
        if isinstance(decoded, Outcome):
            return decoded
        reason = self._done("read", job, self._stages.reason_to_skip, decoded)
        if isinstance(reason, Outcome):
            return reason
        return job.skipped(reason) if reason else decoded

    def _infer_loop(self) -> None:
        batches: PlaneBatches[RunningJob] = PlaneBatches(self._batch_size)
        try:
            while True:
                item = self._prepared.get(wait=len(batches) == 0)
                if item is None:
                    self._predict(batches.pop_largest())
                    continue
                job, prepared = item
                del item
                if not prepared.shown.views:
                    self._pass_on(job, self._joined(job, prepared, []), self._predicted)
                    continue
                full = batches.add(job, prepared)
                del prepared
                while full:
                    self._predict(full.pop(0))
        except ChannelClosed:
            self._finish_inference(batches)
        finally:
            self._predicted.close()

    def _finish_inference(self, batches: PlaneBatches[RunningJob]) -> None:
        try:
            while batch := batches.pop_largest():
                self._predict(batch)
        except ChannelClosed:
            pass

    def _predict(self, batch: list[PendingPlane[RunningJob]]) -> None:
        """Predict a batch, which is emptied."""
        start = time.perf_counter()
        try:
            ab_batch = self._stages.predict([pending.plane for pending in batch])
        except Exception as error:  # a failed batch must not stop the run
            for job in failed(batch):
                self._ended.put((job, job.failed(_reason(error))))
            batch.clear()
            return
        each_ms = (time.perf_counter() - start) * 1e3 / len(batch)
        for plane in batch:
            times = plane.picture.key.timings_ms
            times["infer"] = times.get("infer", 0.0) + each_ms
        complete = answered(batch, ab_batch)
        # No reference stays here to pictures that the next stages are through with.
        batch.clear()
        complete.reverse()
        while complete:
            picture = complete.pop()
            job = picture.key
            joined = self._joined(job, picture.prepared, picture.in_order())
            del picture
            self._pass_on(job, joined, self._predicted)
            del joined

    def _joined(
        self, job: RunningJob, prepared: Prepared, ab_planes: Sequence[NDArray[np.float32]]
    ) -> Predicted | Outcome:
        return self._done("infer", job, partial(self._stages.joined, prepared), ab_planes)

    def _write_loop(self) -> None:
        try:
            while (item := self._recolored.get()) is not None:
                job, recolored = item
                del item
                outcome = self._done("write", job, partial(self._write, job), recolored)
                del recolored
                self._ended.put((job, outcome))
        except ChannelClosed:
            pass
        finally:
            self._ended.close()

    def _write(self, job: RunningJob, recolored: Recolored) -> Outcome:
        if job.job.output is None:
            return job.kept(recolored)
        return job.written(self._stages.write(job.job.output, recolored), recolored.note)

    def _loop(
        self,
        stage: str,
        inbox: _Items[Given],
        work: Callable[[Given], Made],
        outbox: _Items[Made],
    ) -> Callable[[], None]:
        def loop() -> None:
            try:
                while (item := inbox.get()) is not None:
                    # While a thread waits, it holds on to no picture that was passed on.
                    job, given = item
                    del item
                    made = self._done(stage, job, work, given)
                    del given
                    self._pass_on(job, made, outbox)
                    del made
            except ChannelClosed:
                pass
            finally:
                outbox.close()

        return loop

    def _done(
        self, stage: str, job: RunningJob, work: Callable[[Given], Made], given: Given
    ) -> Made | Outcome:
        """Do a stage's work; what it raises is the outcome of the job."""
        try:
            with job.timed(stage):
                return work(given)
        except Exception as error:  # a failed picture must not stop the run
            return job.failed(_reason(error))

    def _pass_on(self, job: RunningJob, made: Made | Outcome, outbox: _Items[Made]) -> None:
        if isinstance(made, Outcome):
            self._ended.put((job, made))
        else:
            outbox.put((job, made))


def _in_order(outcomes: Iterator[tuple[int, Outcome]]) -> Iterator[Outcome]:
    early: dict[int, Outcome] = {}
    next_ticket = 0
    for ticket, outcome in outcomes:
        early[ticket] = outcome
        while next_ticket in early:
            yield early.pop(next_ticket)
            next_ticket += 1


def _second(pair: tuple[int, Outcome]) -> Outcome:
    return pair[1]


def _reason(error: Exception) -> str:
    """One line for the user; the traceback of what is unexpected goes to the log."""
    if isinstance(error, MemoryError):
        return "not enough memory for this picture; lower --max-pixels or --workers"
    log.debug("a picture failed", exc_info=error)
    return one_line(error)
