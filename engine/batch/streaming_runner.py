"""Many pictures through read, preprocess, infer, recolor and write, all at work at one time."""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock

import numpy as np

from ...errors import ColorizeError, UnreadableError
from ..atomic_write import write_atomically
from ..inference.backend import Backend
from ..inference.test_time_augmentation import MirrorAveraged
from ..inference.working_shape import working_shape
from ..inference.working_size import with_working_size
from ..pictures.reader import open_picture
from ..threads.channel import Channel, ChannelClosed
from ..threads.run_threads import running
from .batch_assembler import BatchAssembler
from .job import Job, Outcome
from .passage import Passage
from .pixel_budget import PixelBudget
from .runner_options import RunnerOptions
from .source import output_format_of


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
        backend = with_working_size(backend, options.working_size)
        self._backend: Backend = MirrorAveraged(backend) if options.best else backend
        self._options = options

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
        pipeline = _Pipeline(self._backend, self._options, jobs)
        with pipeline.running():
            outcomes = pipeline.outcomes()
            yield from _in_order(outcomes) if self._options.ordered else map(_second, outcomes)
            if pipeline.jobs_error is not None:
                raise pipeline.jobs_error


class _Pipeline:
    """The threads and channels of one run."""

    def __init__(self, backend: Backend, options: RunnerOptions, jobs: Iterable[Job]) -> None:
        self.jobs_error: BaseException | None = None
        self._backend = backend
        self._options = options
        self._jobs = enumerate(jobs)
        self._jobs_lock = Lock()
        self._budget = PixelBudget(options.pixels_in_flight)
        workers = options.threads
        self._batch_size = options.batch_size or backend.preferred_batch_size
        room = 2 * self._batch_size * backend.callers
        self._decoded: Channel[Passage] = Channel(workers, producers=workers)
        self._preprocessed: Channel[Passage] = Channel(room, producers=workers)
        self._inferred: Channel[Passage] = Channel(room, producers=backend.callers)
        self._recolored: Channel[Passage] = Channel(workers, producers=workers)
        self._ended: Channel[tuple[Passage, Outcome]] = Channel(4 * workers, producers=workers)
        self._channels = (
            self._decoded, self._preprocessed, self._inferred, self._recolored, self._ended
        )  # fmt: skip
        self._loops = [
            *itertools.repeat(("read", self._read_loop), workers),
            *itertools.repeat(
                ("preprocess", self._loop(self._decoded, self._preprocess, self._preprocessed)),
                workers,
            ),
            *itertools.repeat(("infer", self._infer_loop), backend.callers),
            *itertools.repeat(
                ("recolor", self._loop(self._inferred, self._recolor, self._recolored)), workers
            ),
            *itertools.repeat(("write", self._write_loop), workers),
        ]

    @contextmanager
    def running(self) -> Iterator[None]:
        """All threads at work until the block ends."""
        with running(self._loops, self._channels), closing(self._budget):
            yield

    def outcomes(self) -> Iterator[tuple[int, Outcome]]:
        """(ticket, outcome) as they end; the pixels of each are given back as it is taken."""
        while True:
            try:
                ended = self._ended.get()
            except ChannelClosed:
                return
            if ended is not None:
                passage, outcome = ended
                yield passage.ticket, outcome
                self._budget.release(passage.budgeted_pixels)

    def _read_loop(self) -> None:
        try:
            while (passage := self._next_passage()) is not None:
                outcome = self._outcome_of("read", passage, self._open)
                # Also after a failure: the tickets behind this one wait for it.
                passage.budgeted_pixels = passage.height * passage.width
                if not self._budget.acquire(passage.ticket, passage.budgeted_pixels):
                    return
                if outcome is not None:
                    self._end(passage, outcome)
                else:
                    self._attempt("read", passage, self._decode, self._decoded)
        except ChannelClosed:
            pass
        finally:
            self._decoded.close()

    def _next_passage(self) -> Passage | None:
        with self._jobs_lock:
            if self.jobs_error is not None:
                return None
            try:
                return Passage(*next(self._jobs))
            except StopIteration:
                return None
            except Exception as error:  # the caller's iterable; raised in run()
                self.jobs_error = error
                return None

    def _open(self, passage: Passage) -> None:
        file_bytes = _file_bytes(passage.job.source)
        passage.source_sha256 = hashlib.sha256(file_bytes).hexdigest()
        passage.picture_file = open_picture(
            file_bytes,
            picture_format=output_format_of(passage.job),
            max_pixels=self._options.max_pixels,
        )
        passage.height = passage.picture_file.height
        passage.width = passage.picture_file.width

    def _decode(self, passage: Passage) -> Outcome | None:
        assert passage.picture_file is not None
        passage.picture = passage.picture_file.decoded()
        passage.picture_file = None
        if self._options.skip_color and passage.picture.is_in_color():
            return passage.skipped("already in colour")
        return None

    def _preprocess(self, passage: Passage) -> Outcome | None:
        assert passage.picture is not None
        shape = working_shape(passage.height, passage.width, self._backend.contract)
        passage.l_plane = passage.picture.l_plane(*shape)
        return None

    def _infer_loop(self) -> None:
        assembler: BatchAssembler[Passage] = BatchAssembler(self._batch_size)
        try:
            while True:
                passage = self._preprocessed.get(wait=len(assembler) == 0)
                if passage is None:
                    self._infer(assembler.pop_largest())
                    continue
                assert passage.l_plane is not None
                height, width = passage.l_plane.shape
                batch = assembler.add((height, width), passage)
                if batch is not None:
                    self._infer(batch)
        except ChannelClosed:
            self._finish_inference(assembler)
        finally:
            self._inferred.close()

    def _finish_inference(self, assembler: BatchAssembler[Passage]) -> None:
        try:
            while batch := assembler.pop_largest():
                self._infer(batch)
        except ChannelClosed:
            pass

    def _infer(self, batch: list[Passage]) -> None:
        start = time.perf_counter()
        try:
            l_batch = np.stack(
                [passage.l_plane for passage in batch if passage.l_plane is not None]
            )
            ab_batch = self._backend.infer(l_batch[:, np.newaxis])
        except Exception as error:  # a failed batch must not stop the run
            for passage in batch:
                self._end(passage, passage.failed(_reason(error)))
            return
        each_ms = (time.perf_counter() - start) * 1e3 / len(batch)
        for passage, ab_planes in zip(batch, ab_batch, strict=True):
            passage.timings_ms["infer"] = each_ms
            passage.ab_planes, passage.l_plane = ab_planes, None
            self._inferred.put(passage)

    def _recolor(self, passage: Passage) -> Outcome | None:
        assert passage.picture is not None
        assert passage.ab_planes is not None
        passage.recolored = passage.picture.recolored(passage.ab_planes, self._options.look)
        passage.picture = passage.ab_planes = None
        return None

    def _write_loop(self) -> None:
        try:
            while (passage := self._recolored.get()) is not None:
                self._attempt("write", passage, self._write, None)
        except ChannelClosed:
            pass
        finally:
            self._ended.close()

    def _write(self, passage: Passage) -> Outcome:
        assert passage.recolored is not None
        output, picture_format = passage.job.output, output_format_of(passage.job)
        if output is None or picture_format is None:
            return passage.kept()
        file_bytes = passage.recolored.encoded(picture_format, self._options.quality)
        passage.recolored = None
        write_atomically(output, file_bytes)
        return passage.written(file_bytes)

    def _loop(
        self,
        inbox: Channel[Passage],
        work: Callable[[Passage], Outcome | None],
        outbox: Channel[Passage],
    ) -> Callable[[], None]:
        stage = work.__name__.strip("_")

        def loop() -> None:
            try:
                while (passage := inbox.get()) is not None:
                    self._attempt(stage, passage, work, outbox)
            except ChannelClosed:
                pass
            finally:
                outbox.close()

        return loop

    def _attempt(
        self,
        stage: str,
        passage: Passage,
        work: Callable[[Passage], Outcome | None],
        outbox: Channel[Passage] | None,
    ) -> None:
        """Do a stage's work; hand the passage on, or end it with its outcome."""
        outcome = self._outcome_of(stage, passage, work)
        if outcome is not None:
            self._end(passage, outcome)
        elif outbox is not None:
            outbox.put(passage)

    def _outcome_of(
        self, stage: str, passage: Passage, work: Callable[[Passage], Outcome | None]
    ) -> Outcome | None:
        try:
            with passage.timed(stage):
                return work(passage)
        except Exception as error:  # a failed picture must not stop the run
            return passage.failed(_reason(error))

    def _end(self, passage: Passage, outcome: Outcome) -> None:
        passage.forget()
        self._ended.put((passage, outcome))


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


def _file_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}") from error


def _reason(error: Exception) -> str:
    """One line for the user; foreign errors say that they are."""
    if isinstance(error, ColorizeError):
        return str(error)
    if isinstance(error, MemoryError):
        return "not enough memory for this picture; lower --max-pixels or --workers"
    first = (str(error).strip().splitlines() or [""])[0]
    return f"unexpected {type(error).__name__}: {first}"
