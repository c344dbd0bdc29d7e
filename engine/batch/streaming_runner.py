"""Many pictures colorized at one time: what a run is to its caller."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..inference.backend import Backend
from .job import Job, Outcome
from .picture_pipeline import PicturePipeline
from .picture_stages import PictureStages
from .runner_options import RunnerOptions


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

    def run(
        self, jobs: Iterable[Job], *, after_stop: Callable[[Outcome], None] | None = None
    ) -> Iterator[Outcome]:
        """Colorize.

        Closing the generator (or an exception in the loop over it, Ctrl-C included) stops the
        threads; files being written then are finished or left out, never cut short.

        Parameters
        ----------
        jobs
            Taken one by one, as room becomes free.
        after_stop
            Called with every outcome that there was, but that was not taken, when the run was
            stopped before its end: files that were written are known, so, to who keeps a record.

        Yields
        ------
        Outcome
            One for each job, in the order of the jobs if `ordered`, else as they end.

        Raises
        ------
        ModelError
            What the model gives is no colour of its input: wrong for every picture.
        Exception
            What the iterable of jobs raised, or what ended a stage's thread: no job is lost
            without a word.
        """
        pipeline = PicturePipeline(self._stages, self._backend, self._options, jobs, after_stop)
        with pipeline.running():
            yield from pipeline.outcomes()
