"""Films one after another; one that fails does not stop the others."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from ..errors import BackendError
from .film_progress import FilmProgress
from .film_results import FilmResults

if TYPE_CHECKING:
    from ..engine.film.film_jobs import FilmJob
    from ..engine.film.film_options import FilmOptions
    from ..engine.film.film_pipeline import PaintedFrame
    from ..engine.film.film_plan import FilmPlan
    from ..engine.film.film_runner import FilmRunner
    from ..engine.film.preview import Preview

_NAMED: Final = 3


class FilmBatch:
    """Colorizes films with one model and one set of options.

    Parameters
    ----------
    runner
        Gives what colorizes; called for the first film that can be written, so that what cannot is
        refused before a model is opened.
    options
        How films are colorized.
    results
        Takes what became of each.
    preview
        Is shown frames; None for none.
    stop, begun
        Ends a film where it is; set when there are frames to finish.
    overwrite
        Whether outputs that exist are replaced.
    quiet
        Show no progress.
    """

    def __init__(
        self,
        runner: Callable[[], FilmRunner],
        options: FilmOptions,
        results: FilmResults,
        preview: Preview | None,
        stop: Event,
        begun: Event,
        *,
        overwrite: bool,
        quiet: bool,
    ) -> None:
        self._runner = runner
        self._options = options
        self._results = results
        self._preview = preview
        self._stop = stop
        self._begun = begun
        self._overwrite = overwrite
        self._quiet = quiet

    def colorize(self, job: FilmJob) -> None:
        """One film; what it fails of is recorded, unless it is the model or its device.

        Raises
        ------
        ColorizeError
            The model cannot be opened, or failed, as it would for all others.
        """
        try:
            plan = self._planned(job)
        except Exception as error:  # a film of whatever kind must not stop the others
            self._results.add_failed(job, error)
            return
        if plan is None:
            return
        runner = self._runner()
        try:
            self._run(runner, replace(job, output=plan.output), plan)
        except BackendError:
            raise
        except Exception as error:
            self._results.add_failed(job, error)

    def _planned(self, job: FilmJob) -> FilmPlan | None:
        """What is going to be done; None where the film is left alone."""
        from ..engine.film.film_jobs import describe_gaps
        from ..engine.film.film_plan import chosen_output, film_info_of, film_plan
        from ..engine.film.media.image_sequence import is_sequence
        from ..engine.film.segments.segment_store import store_folder

        info = film_info_of(job.source, self._options)
        output = chosen_output(info, job.output, self._options) if job.is_open else job.output
        if not self._overwrite and not store_folder(output).exists():
            present = _existing(output)
            if present:
                line = f"{present}; --overwrite replaces it"
                self._results.add_skipped(replace(job, output=output), line)
                return None
        if is_sequence(job.source) and (missing := describe_gaps(job.source)):
            self._results.note(f"{job.source}: there is no file for {missing}; they are left out")
        return film_plan(info, output, self._options)

    def _run(self, runner: FilmRunner, job: FilmJob, plan: FilmPlan) -> None:
        with FilmProgress(job.source.name, plan.info.frames, quiet=self._quiet) as progress:

            def show(painted: PaintedFrame) -> None:
                self._begun.set()
                progress.show(painted.state.frame)
                if self._preview is not None:
                    self._preview.show(painted.frame)

            start = time.perf_counter()
            report = runner.run_plan(plan, show=show, say=progress.say, stop=self._stop)
            seconds = time.perf_counter() - start
        self._results.add_done(job, report, seconds)


def _existing(output: Path) -> str:
    """What there is already under an output's name, in words; empty if nothing."""
    from ..engine.film.media.image_sequence import is_sequence, sequence_files
    from ..errors import UsageError

    if not is_sequence(output):
        return f"{output} exists" if output.exists() and not output.is_dir() else ""
    try:
        files = sequence_files(output)
    except UsageError:
        return ""
    named = ", ".join(file.name for file in files[:_NAMED])
    return f"{output}: {named}{', ...' if len(files) > _NAMED else ''} exist"
