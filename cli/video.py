"""`colorize-video SRC DST`: colour for films."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from functools import cache
from threading import Event
from typing import Final

import typer

from ..chosen_model import choose_model
from ..engine.film.film_options import (
    CUT_SHARE,
    FilmOptions,
)
from ..engine.film.media.part import Part
from ..engine.inference.model_files import DEFAULT_MODEL
from ..engine.pictures.look import Look
from ..errors import UsageError
from .engine_building import open_with_display
from .film_batch import FilmBatch
from .film_results import FilmResults, discard_segments
from .options import (
    AUTO,
    AsIs,
    Debug,
    Device,
    Model,
    Quiet,
    Saturation,
    Style,
    Upsample,
)
from .reporting import EXIT_OK, EXIT_SOME_FAILED, EXIT_USAGE, run_app
from .stop_signals import EXIT_INTERRUPTED
from .video_options import (
    AllowGaps,
    AudioOption,
    CompareOption,
    Crf,
    Deinterlace,
    Destination,
    Discard,
    Duration,
    EncoderOption,
    End,
    Every,
    JsonSummary,
    Overwrite,
    PixelFormat,
    Preset,
    Preview,
    Rate,
    Reference,
    Scenes,
    SceneThreshold,
    Sources,
    Start,
    Stream,
    Strength,
    Strict,
    TemporalOption,
    Version,
)

EPILOG: Final = """
[bold]Examples[/bold]

colorize-video film.mp4 film-colour.mkv

colorize-video clips/ colour/ --encoder libx265 --crf 20

colorize-video film.mov check.mp4 --compare split --preview now.jpg

colorize-video 'scans/%05d.png' film.mp4 --rate 18

colorize-video film.mkv trial.mp4 --start 12:30 --duration 10

[bold]Exit codes[/bold]  0 all done, 1 wrong usage or model, 2 some films failed, 130 stopped.
"""


app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)


@app.command(name="colorize-video", epilog=EPILOG)
def colorize_video(
    sources: Sources,
    destination: Destination,
    as_is: AsIs = False,
    model: Model = DEFAULT_MODEL,
    reference: Reference = None,
    saturation: Saturation = 1.0,
    style: Style = "natural",
    upsample: Upsample = "guided",
    every: Every = 0,
    scene_threshold: SceneThreshold = CUT_SHARE,
    scenes: Scenes = None,
    strength: Strength = 0.6,
    temporal: TemporalOption = "smooth",
    allow_gaps: AllowGaps = False,
    deinterlace: Deinterlace = False,
    duration: Duration = None,
    end: End = None,
    start: Start = None,
    rate: Rate = Fraction(25),
    stream: Stream = 0,
    audio: AudioOption = "copy",
    compare: CompareOption = "none",
    crf: Crf = None,
    encoder: EncoderOption = "auto",
    overwrite: Overwrite = False,
    pixel_format: PixelFormat = AUTO,
    preset: Preset = AUTO,
    preview: Preview = None,
    device: Device = AUTO,
    debug: Debug = False,
    discard: Discard = False,
    json_summary: JsonSummary = False,
    quiet: Quiet = False,
    strict: Strict = False,
    version: Version = False,
) -> int:
    """Add colour to black-and-white films.

    Luma reaches the encoder as it was decoded. Sound, subtitles, chapters and everything else are
    copied. Ctrl-C ends the film where it is, so that it plays; the same command goes on from there,
    also after a crash.
    """
    del debug, version
    # SVT-AV1 writes to the terminal on its own account unless configured otherwise.
    os.environ.setdefault("SVT_LOG", "1")
    from ..engine.film.film_jobs import film_jobs
    from ..engine.film.film_runner import FilmRunner
    from ..engine.film.preview import Preview

    if duration is not None and end is not None:
        raise UsageError("--duration and --end say the same; give one of them")
    begin = start or Fraction(0)
    options = FilmOptions(
        look=Look(saturation=saturation, style=style, upsample=upsample),
        encoder=encoder,
        crf=crf,
        preset="" if preset == AUTO else preset,
        pixel_format="" if pixel_format == AUTO else pixel_format,
        stream=stream,
        sequence_rate=rate,
        temporal=temporal,
        strength=strength,
        every=every,
        compare=compare,
        scenes=scenes,
        reference=reference,
        as_is=as_is,
        part=Part(start=begin, end=end if duration is None else begin + duration),
        deinterlace=deinterlace,
        audio=audio,
        cut_share=scene_threshold,
    )
    jobs = film_jobs(sources, destination, allow_gaps=allow_gaps)
    if scenes is not None and len(jobs) > 1:
        raise UsageError("--scenes belongs to one film, and SRC is more than one")
    if discard:
        return discard_segments(jobs, destination)
    preview_file = Preview(preview) if preview is not None else None
    several = len(jobs) > 1 or any(source.is_dir() for source in sources)
    folder = destination if several and not destination.suffix else None
    with (
        ExitStack() as stack,
        _stop_on_signals() as (stop, begun),
        FilmResults(folder, quiet=quiet, to_stderr=json_summary) as results,
    ):

        @cache
        def runner() -> FilmRunner:
            opened = stack.enter_context(
                open_with_display(choose_model(model, device), threads=0, quiet=quiet)
            )
            return FilmRunner(opened.backend, opened.model.sha256, options)

        batch = FilmBatch(
            runner, options, results, preview_file, stop, begun, overwrite=overwrite, quiet=quiet
        )
        for job in jobs:
            batch.colorize(job)
            if stop.is_set():
                break
        results.name_left_over(jobs)
    if json_summary:
        print(json.dumps(results.summary() | {"stopped": stop.is_set()}))
    if stop.is_set():
        return EXIT_INTERRUPTED
    if results.is_usage_error and not several:
        return EXIT_USAGE
    return EXIT_SOME_FAILED if results.failed or (strict and results.is_short) else EXIT_OK


def main() -> None:
    """Entry point of `colorize-video`."""
    run_app(app)


@contextmanager
def _stop_on_signals() -> Iterator[tuple[Event, Event]]:
    """Yield an event that Ctrl-C or SIGTERM sets, and one to set when there are frames to finish.

    A second signal breaks off at once.
    """
    stop, begun = Event(), Event()

    def ask_to_stop(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        if begun.is_set():
            # Not print: the signal may have come in the middle of one.
            os.write(
                2, b"\nstopping: the film is being finished where it is; again breaks it off\n"
            )

    before = {
        number: signal.signal(number, ask_to_stop) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop, begun
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
