"""A film through decode, track, paint and encode, all at work at one time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from ...errors import UnreadableError, UsageError, first_line
from ..inference.backend import Backend
from .color.reference_colors import reference_files
from .color.scenes import read_scenes, write_scenes
from .film_options import FilmOptions
from .film_pipeline import FilmPipeline, PaintedFrame
from .film_plan import FilmPlan, film_info_of, film_plan
from .media.film_info import FilmInfo
from .media.image_sequence import is_sequence, sequence_files
from .media.libav import FFmpegError, unwritable
from .media.video_encoder import VideoEncoder
from .segments.film_assembly import FilmAssembly
from .segments.segment_encoder import SegmentEncoder
from .segments.segment_store import SegmentStore


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmReport:
    """Result of a run over a film.

    Parameters
    ----------
    output
        Where it was written.
    frames
        In the output.
    resumed
        Of these, how many an earlier run had done.
    seconds
        That the output lasts.
    looks
        How often the model looked.
    cuts
        Numbers of the frames that start a scene.
    damaged
        Packets that could not be decoded.
    repaired
        Timestamps that were missing or did not grow.
    resized
        Frames of another size than the first.
    missing_s
        Seconds at the end that the header of the source promises and its content lacks.
    whole
        False if it was stopped before the end; without frames there is no output then.
    """

    output: Path
    frames: int
    resumed: int
    seconds: float
    looks: int
    cuts: tuple[int, ...]
    damaged: int
    repaired: int
    resized: int
    missing_s: float
    whole: bool


class FilmRunner:
    """Colorizes films, one at a time.

    Work is kept in segments, so a run that dies goes on where the last segment ended, frame for
    frame; the output gets its name when it is whole. Memory does not depend on the length.

    Parameters
    ----------
    backend
        Runs the network; owned by the caller.
    model_sha256
        Of the model file: segments of another model are not used.
    options
        How films are colorized.
    """

    def __init__(self, backend: Backend, model_sha256: str, options: FilmOptions) -> None:
        self._backend = backend
        self._model_sha256 = model_sha256
        self._options = options

    def run(
        self,
        source: Path,
        output: Path,
        *,
        show: Callable[[PaintedFrame], None] = lambda _: None,
        say: Callable[[str], None] = lambda _: None,
        stop: Event | None = None,
        info: FilmInfo | None = None,
    ) -> FilmReport:
        """Colorize a film.

        Parameters
        ----------
        source
            A film, or a pattern of numbered pictures.
        output
            Its container is told by the ending; replaced if it exists.
        show
            Called with every frame that was encoded.
        say
            Takes lines for the user.
        stop
            Set it to end the film where it is: it is finished so that it plays, and a later run
            goes on from there.
        info
            Of the source, if it is known already.

        Raises
        ------
        UnreadableError, UnwritableError, UsageError, BackendError
            Segments that are done stay for the next run.
        """
        info = info or film_info_of(source, self._options)
        plan = film_plan(info, output, self._options)
        return self.run_plan(plan, show=show, say=say, stop=stop)

    def run_plan(
        self,
        plan: FilmPlan,
        *,
        show: Callable[[PaintedFrame], None] = lambda _: None,
        say: Callable[[str], None] = lambda _: None,
        stop: Event | None = None,
    ) -> FilmReport:
        """Colorize a film that was planned with the options of this runner.

        Parameters
        ----------
        plan
            By `film_plan`.
        show, say, stop
            As in `run`, which also says what is raised.
        """
        for note in plan.notes:
            say(note)
        with closing(SegmentStore(plan.output, self._job(plan.info, plan.encoder))) as store:
            return self._run(plan, store, show, stop or Event())

    def _run(
        self,
        plan: FilmPlan,
        store: SegmentStore,
        show: Callable[[PaintedFrame], None],
        stop: Event,
    ) -> FilmReport:
        options, info, output, encoder = self._options, plan.info, plan.output, plan.encoder
        done = store.segments()
        state = done[-1].state() if done else None
        resumed = state.frame + 1 if state else 0
        last: PaintedFrame | None = None
        pipeline = FilmPipeline(self._backend, info, encoder, options, state, stop)
        with pipeline.running():
            try:
                last = self._encode(pipeline, encoder, store, show)
            except (FFmpegError, OSError) as error:
                raise unwritable(output, error) from error
        state = last.state if last else state
        whole = not stop.is_set()
        if state is None and whole and not info.part.is_whole:
            raise UsageError(
                f"{info.path}: --start {float(info.part.start):g} lies after its end, "
                f"{float(pipeline.reader.end):.1f} s"
            )
        if state is None and whole:
            raise UnreadableError(f"{info.path}: expected frames of video, found none")
        if state is not None:
            FilmAssembly(info, encoder, plan.ways).write(store.segments(), output, whole=whole)
            if whole:
                store.remove()
                if options.scenes is not None and not options.scenes.exists():
                    write_scenes(options.scenes, state.cuts, info.rate)
        frames = state.frame + 1 if state else 0
        return FilmReport(
            output=output,
            frames=frames,
            resumed=resumed,
            seconds=float(frames / info.rate),
            looks=state.looks if state else 0,
            cuts=state.cuts if state else (),
            damaged=pipeline.reader.damaged,
            repaired=pipeline.reader.repaired,
            resized=pipeline.resized,
            missing_s=_missing_s(info, pipeline) if whole else 0.0,
            whole=whole,
        )

    def _encode(
        self,
        pipeline: FilmPipeline,
        encoder: VideoEncoder,
        store: SegmentStore,
        show: Callable[[PaintedFrame], None],
    ) -> PaintedFrame | None:
        """Encode all frames into segments; give the last one."""
        segment: SegmentEncoder | None = None
        painted: PaintedFrame | None = None
        try:
            for painted in pipeline.painted():
                segment = segment or SegmentEncoder(encoder, store.writer())
                segment.add(painted.frame)
                show(painted)
                if (painted.state.frame + 1) % self._options.segment_frames == 0:
                    segment.finish(painted.state)
                    segment = None
            if segment is not None and painted is not None:
                segment.finish(painted.state)
                segment = None
        finally:
            if segment is not None:
                segment.discard()
        return painted

    def _job(self, info: FilmInfo, encoder: VideoEncoder) -> dict[str, Any]:
        """Key of everything that segments depend on; files are known by name, size and time of change."""
        options = self._options
        files = sequence_files(info.path) if is_sequence(info.path) else [info.path]
        if options.reference is not None:
            files += reference_files(options.reference)
        if options.scenes is not None and options.scenes.exists():
            files.append(options.scenes)
            files += [scene.reference for scene in read_scenes(options.scenes) if scene.reference]
        return {
            "files": hashlib.sha256(repr([_stamp(file) for file in files]).encode()).hexdigest(),
            "model": self._model_sha256,
            "encoder": [encoder.encoder.name, encoder.options, encoder.layout.name],
            "options": repr(options),
        }


def _missing_s(info: FilmInfo, pipeline: FilmPipeline) -> float:
    """Seconds that a source lacks; 0 where that may be rounding."""
    if not info.promised or info.part.end is not None:
        return 0.0
    missing = info.promised - float(pipeline.reader.end)
    return missing if missing > max(2.5 / float(info.rate), 0.01 * info.promised) else 0.0


def _stamp(file: Path) -> tuple[str, int, int]:
    try:
        status = file.stat()
    except OSError as error:
        raise UsageError(f"{file}: {first_line(error)}") from error
    return str(file.resolve()), status.st_size, status.st_mtime_ns
