"""A film through decode, track, paint and encode, all at work at one time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any

from ..backends.backend import Backend
from .color_track import TrackState
from .film_assembly import FilmAssembly
from .film_info import FilmInfo, film_info
from .film_options import FilmOptions
from .film_pipeline import FilmPipeline, PaintedFrame
from .film_setup import video_encoder
from .image_sequence import is_sequence, sequence_files
from .libav import av, unwritable
from .segment_store import SegmentStore
from .video_encoder import VideoEncoder


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmReport:
    """What became of a film.

    Parameters
    ----------
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
    mended
        Timestamps that were missing or did not grow.
    resized
        Frames of another size than the first.
    whole
        False if it was stopped before the end.
    """

    frames: int
    resumed: int
    seconds: float
    looks: int
    cuts: tuple[int, ...]
    damaged: int
    mended: int
    resized: int
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
        stop = stop or Event()
        options = self._options
        info = info or film_info(
            source, stream=options.stream, sequence_rate=options.sequence_rate
        )
        encoder = video_encoder(info, output, options)
        store = SegmentStore(output, self._job(info, encoder))
        done = store.segments()
        state = done[-1].state() if done else None
        resumed = state.frame + 1 if state else 0
        last: PaintedFrame | None = None
        with FilmPipeline(self._backend, info, encoder, options, state, stop) as pipeline:
            try:
                last = self._encode(pipeline, encoder, store, show)
            except (av.FFmpegError, OSError) as error:
                raise unwritable(output, error) from error
        state = last.state if last else state
        assert state is not None
        whole = not stop.is_set()
        FilmAssembly(info, encoder, say).write(store.segments(), output, whole=whole)
        if whole:
            store.remove()
        return FilmReport(
            frames=state.frame + 1,
            resumed=resumed,
            seconds=float((state.frame + 1) / info.rate),
            looks=state.looks,
            cuts=state.cuts,
            damaged=pipeline.reader.damaged,
            mended=pipeline.reader.mended,
            resized=pipeline.resized,
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
        writer = None
        painted = None
        try:
            for painted in pipeline.painted():
                if writer is None:
                    writer, context = store.writer(), encoder.opened()
                writer.add(context.encode(encoder.for_encoding(painted.frame)))
                show(painted)
                if (painted.state.frame + 1) % self._options.segment_frames == 0:
                    writer.add(context.encode(None))
                    writer.finish(painted.state)
                    writer = None
            if writer is not None and painted is not None:
                writer.add(context.encode(None))
                writer.finish(painted.state)
                writer = None
        finally:
            if writer is not None:
                writer.discard()
        return painted

    def _job(self, info: FilmInfo, encoder: VideoEncoder) -> dict[str, Any]:
        files = sequence_files(info.path) if is_sequence(info.path) else [info.path]
        stamps = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        return {
            "source": str(info.path.resolve()),
            "files": hashlib.sha256(repr(stamps).encode()).hexdigest(),
            "model": self._model_sha256,
            "encoder": [encoder.encoder.name, encoder.options, encoder.layout.name],
            "options": {
                name: str(value) if isinstance(value, Path) else repr(value)
                for name, value in asdict(self._options).items()
            },
        }
