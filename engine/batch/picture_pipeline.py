"""The threads of a run: read, preprocess, infer, recolor, write and commit, all at work at once."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from ..inference.backend import Backend
from ..threads.channel import Channel, ChannelClosed
from ..threads.run_threads import StageThreads
from .attempts import Given, Made, attempted, attempted_in_time, reason_of
from .job import Job, Outcome
from .picture_stages import (
    BegunOutput,
    Decoded,
    Opened,
    PictureStages,
    Predicted,
    Prepared,
    Recolored,
)
from .pixel_budget import PixelBudget
from .plane_batches import PendingPlane, PlaneBatches, answered, failed
from .runner_options import RunnerOptions
from .running_job import RunningJob
from .source_bytes import SourceBytes
from .watched_read import ReaderSlot, ReadWatch

log: Final = logging.getLogger("colorize_batch")

_Items: TypeAlias = Channel[tuple[RunningJob, Made]]

# Waiting for the disk takes no core, and disks serve several at a time much faster than in turn.
_COMMITTERS: Final = 8
# Outcomes that wait for who takes them, which may be syncing a folder; those with pixels are bounded
# by the budget.
_OUTCOMES: Final = 64
# So long a run waits, when it is stopped, for threads within foreign code.
_PATIENCE_S: Final = 8.0


class PicturePipeline:
    """The threads and channels of one run; `run` of `StreamingRunner` says what it does.

    Parameters
    ----------
    stages
        The work.
    backend
        For its numbers, and to interrupt it.
    options
        Of the run.
    jobs
        Taken one by one.
    after_stop
        Called with what had ended, but was not taken, when the run was stopped.
    """

    def __init__(
        self,
        stages: PictureStages,
        backend: Backend,
        options: RunnerOptions,
        jobs: Iterable[Job],
        after_stop: Callable[[Outcome], None] | None = None,
    ) -> None:
        self._after_stop = after_stop
        self._stages = stages
        self._backend = backend
        self._options = options
        self._jobs = enumerate(jobs)
        self._jobs_lock = Lock()
        self._jobs_error: Exception | None = None
        self._is_stopped = False
        self._begun: set[BegunOutput] = set()
        self._budget = PixelBudget(options.pixels_in_flight)
        workers = options.threads
        self._batch_size = options.batch_size or backend.preferred_batch_size
        room = 2 * self._batch_size * backend.callers
        self._decoded: _Items[Decoded] = Channel(workers, producers=workers)
        self._prepared: _Items[Prepared] = Channel(room, producers=workers)
        self._predicted: _Items[Predicted] = Channel(room, producers=backend.callers)
        self._recolored: _Items[Recolored] = Channel(workers, producers=workers)
        self._written: _Items[BegunOutput] = Channel(2 * _COMMITTERS, producers=workers)
        self._ended: _Items[Outcome] = Channel(4 * workers + _OUTCOMES, producers=_COMMITTERS)
        # What has ended is taken also after a stop.
        self._threads = StageThreads(
            (self._decoded, self._prepared, self._predicted, self._recolored, self._written),
            at_abort=self._ended.wind_up,
        )
        self._in_time = partial(attempted_in_time, options.max_seconds)
        self._watch = ReadWatch(options.max_seconds, self._replace_reader, self._give_up)
        prepare = self._loop("preprocess", self._decoded, self._stages.prepare, self._prepared)
        recolor = self._loop("recolor", self._predicted, self._stages.recolor, self._recolored)
        self._loops = [
            *itertools.repeat(("read", self._read_loop), workers),
            *itertools.repeat(("preprocess", prepare), workers),
            *itertools.repeat(("infer", self._infer_loop), backend.callers),
            *itertools.repeat(("recolor", recolor), workers),
            *itertools.repeat(("write", self._write_loop), workers),
            *itertools.repeat(("commit", self._commit_loop), _COMMITTERS),
        ]

    @contextmanager
    def running(self) -> Iterator[None]:
        """All threads at work until the block ends; raises what ended one of them."""
        is_through = False
        try:
            for name, loop in self._loops:
                self._threads.start(name, loop)
            yield
            is_through = self._threads.error is None
        finally:
            self._is_stopped = True
            self._threads.abort()
            self._budget.close()
            until = time.monotonic() + _PATIENCE_S
            while not self._threads.join(0.0 if not is_through else _PATIENCE_S):
                if time.monotonic() > until:
                    log.debug("threads within foreign code are left to themselves")
                    break
                if not is_through:
                    self._backend.interrupt()  # again, for calls that had not begun
                    self._threads.join(0.2)
            for begun in list(self._begun):
                begun.partial.discard()
            self._tell_what_ended_meanwhile()
        error = self._threads.error or self._jobs_error
        if error is not None:
            raise error

    def outcomes(self) -> Iterator[Outcome]:
        """Outcomes as they end, or in the order of the jobs; each gives its pixels back."""
        early: dict[int, Outcome] = {}
        next_ticket = 0
        for job, outcome in self._taken():
            if not self._options.ordered:
                yield outcome
                self._budget.release(job.ticket)
                continue
            self._budget.set_ready(job.ticket)
            early[job.ticket] = outcome
            while next_ticket in early:
                yield early.pop(next_ticket)
                self._budget.release(next_ticket)
                next_ticket += 1

    def _tell_what_ended_meanwhile(self) -> None:
        with suppress(ChannelClosed):
            while (ended := self._ended.get(wait=False)) is not None:
                if self._after_stop is not None:
                    self._after_stop(ended[1])

    def _taken(self) -> Iterator[tuple[RunningJob, Outcome]]:
        while True:
            try:
                ended = self._ended.get()
            except ChannelClosed:
                return
            if ended is not None:
                yield ended

    def _read_loop(self) -> None:
        slot = ReaderSlot()
        try:
            while not slot.is_replaced and (job := self._next_job()) is not None:
                source = self._watch.watched(slot, job, partial(self._read, job))
                if source is None:  # it came back after it had been given up
                    return
                job, opened = self._opened(job, source)
                del source
                if isinstance(opened, Outcome):
                    self._ended.put((job, opened))
                    continue
                if not self._budget.acquire(job.ticket, job.pixels):
                    return
                decoded = self._decode(job, opened)
                del opened
                self._pass_on(job, decoded, self._decoded)
                del decoded
        except ChannelClosed:
            pass
        finally:
            if not slot.is_given_up:
                self._decoded.close()

    def _read(self, job: RunningJob, on_progress: Callable[[], None]) -> SourceBytes | Outcome:
        return attempted("read", job, partial(self._stages.read, on_progress=on_progress), job.job)

    def _replace_reader(self) -> None:
        """Start a reader in the place of one whose file does not answer."""
        self._decoded.add_producer()
        self._threads.start("read", self._read_loop)

    def _give_up(self, job: RunningJob) -> None:
        """End a job whose file does not answer, and the part of its reader."""
        reason = (
            f"it could not be read in {self._options.max_seconds:g} s; its disk or network mount "
            "does not answer"
        )
        try:
            self._ended.put((job, job.failed(reason)), wait=False)
        except ChannelClosed:
            return
        self._decoded.close()

    def _next_job(self) -> RunningJob | None:
        with self._jobs_lock:
            if self._jobs_error is not None:
                return None
            try:
                ticket, job = next(self._jobs)
            except StopIteration:
                return None
            except Exception as error:  # the caller's iterable; raised in run()
                self._jobs_error = error
                return None
            self._budget.enter(ticket)
            return RunningJob(ticket=ticket, job=job)

    def _opened(
        self, job: RunningJob, source: SourceBytes | Outcome
    ) -> tuple[RunningJob, Opened | Outcome]:
        """Read the header, and note what file and header say of the picture."""
        if isinstance(source, Outcome):
            return job, source
        job = replace(
            job,
            source_bytes=len(source.file_bytes),
            source_mtime_ns=source.mtime_ns,
            source_sha256=source.sha256,
        )
        opened = self._in_time("read", job, partial(self._stages.open, job.job), source)
        if isinstance(opened, Opened):
            job = replace(job, height=opened.file.height, width=opened.file.width)
        return job, opened

    def _decode(self, job: RunningJob, opened: Opened) -> Decoded | Outcome:
        decoded = self._in_time("read", job, self._stages.decode, opened)
        if isinstance(decoded, Outcome):
            return decoded
        reason = self._in_time("read", job, self._stages.reason_to_skip, decoded)
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
        """Predict a batch, which is emptied; one that fails is halved down to what is at fault."""
        if self._is_stopped:
            raise ChannelClosed
        start = time.perf_counter()
        try:
            ab_batch = self._stages.predict([pending.plane for pending in batch])
        except ModelError:
            raise
        except Exception as error:  # a failed batch must not stop the run
            if self._is_stopped:
                raise ChannelClosed from error
            if len(batch) == 1:
                for job in failed(batch):
                    self._ended.put((job, job.failed(reason_of(error))))
                batch.clear()
                return
            halves = [batch[: len(batch) // 2], batch[len(batch) // 2 :]]
            batch.clear()
            while halves:
                self._predict(halves.pop(0))
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
        return attempted("infer", job, partial(self._stages.joined, prepared), ab_planes)

    def _write_loop(self) -> None:
        try:
            while (item := self._recolored.get()) is not None:
                job, recolored = item
                del item
                begun = attempted("write", job, partial(self._begin_write, job), recolored)
                del recolored
                if isinstance(begun, BegunOutput):
                    self._budget.release(job.ticket)  # its pixels are gone; the disk may take long
                self._pass_on(job, begun, self._written)
        except ChannelClosed:
            pass
        finally:
            self._written.close()

    def _begin_write(self, job: RunningJob, recolored: Recolored) -> BegunOutput | Outcome:
        if job.job.output is None:
            return job.kept(recolored)
        begun = self._stages.begin_write(
            job.job.output, recolored, source=job.job.source, source_sha256=job.source_sha256
        )
        self._begun.add(begun)
        return begun

    def _commit_loop(self) -> None:
        try:
            while (item := self._written.get()) is not None:
                job, begun = item
                written = attempted("write", job, self._stages.finish_write, begun)
                self._begun.discard(begun)
                outcome = (
                    written if isinstance(written, Outcome) else job.written(written, begun.note)
                )
                self._ended.put((job, outcome))
        except ChannelClosed:
            pass
        finally:
            self._ended.close()

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
                    made = self._in_time(stage, job, work, given)
                    del given
                    self._pass_on(job, made, outbox)
                    del made
            except ChannelClosed:
                pass
            finally:
                outbox.close()

        return loop

    def _pass_on(self, job: RunningJob, made: Made | Outcome, outbox: _Items[Made]) -> None:
        if isinstance(made, Outcome):
            self._ended.put((job, made))
        else:
            outbox.put((job, made))
