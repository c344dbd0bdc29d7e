"""`colorize-video SRC DST`: colour for films."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ..chosen_model import choose_model
from ..engine.film.film_options import MAX_EVERY, Compare, FilmOptions, Temporal
from ..engine.film.media.encoders import EncoderName
from ..engine.inference.model_files import DEFAULT_MODEL
from ..engine.pictures.look import Look
from ..errors import PictureError, UnwritableError, UsageError
from ..extras import needs_extra
from .auto_number import auto_or
from .engine_building import open_with_display
from .film_progress import FilmProgress
from .options import (
    AUTO,
    COLOR,
    OUTPUT,
    AsIs,
    Debug,
    Device,
    Model,
    Quiet,
    Saturation,
    Style,
    Upsample,
)
from .printable import printable
from .reporting import (
    EXIT_OK,
    EXIT_SOME_FAILED,
    console,
    print_line,
    run_app,
)
from .stop_signals import EXIT_INTERRUPTED

if TYPE_CHECKING:
    from ..engine.film.film_pipeline import PaintedFrame
    from ..engine.film.film_plan import FilmJob
    from ..engine.film.film_runner import FilmReport, FilmRunner
    from ..engine.film.preview import Preview


TIME: Final = "Colour in time"
SOURCE: Final = "Source"

EPILOG: Final = """
[bold]Examples[/bold]

colorize-video film.mp4 film-colour.mkv

colorize-video clips/ colour/ --encoder libx265 --crf 20

colorize-video film.mov check.mp4 --compare split --preview now.jpg

colorize-video 'scans/%05d.png' film.mp4 --rate 18

[bold]Exit codes[/bold]  0 all done, 1 wrong usage or model, 2 some films failed, 130 stopped.
"""


def _rate(text: str | Fraction) -> Fraction:
    """Read frames a second; 23.976 is meant as 24000/1001, as every camera does."""
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise typer.BadParameter(
            f"expected a number such as 24 or 24000/1001, got {text!r}"
        ) from error
    ntsc = Fraction(round(rate) * 1000, 1001)
    return ntsc if rate.denominator != 1 and abs(rate - ntsc) < Fraction(1, 200) else rate


app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)


@app.command(name="colorize-video", epilog=EPILOG)
def colorize_video(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SRC", help="A film, a folder of films, or numbered pictures: frames/%06d.png."
        ),
    ],
    destination: Annotated[
        Path,
        typer.Argument(
            metavar="DST", help="A film, whose ending names the container; a folder; %06d.png."
        ),
    ],
    as_is: AsIs = False,
    model: Model = DEFAULT_MODEL,
    reference: Annotated[
        Path | None,
        typer.Option(rich_help_panel=COLOR, help="A picture whose colours the film takes on."),
    ] = None,
    saturation: Saturation = 1.0,
    style: Style = "natural",
    upsample: Upsample = "guided",
    every: Annotated[
        int,
        auto_or(1, MAX_EVERY, panel=TIME, help="Frames from one look of the model to the next."),
    ] = 0,
    scenes: Annotated[
        Path | None,
        typer.Option(
            rich_help_panel=TIME,
            help="Read cuts and a reference for each scene; written if it is missing.",
        ),
    ] = None,
    strength: Annotated[
        float,
        typer.Option(
            metavar="0..1",
            rich_help_panel=TIME,
            help="How much colour stays when the model looks again.",
        ),
    ] = 0.6,
    temporal: Annotated[
        Temporal,
        typer.Option(
            rich_help_panel=TIME,
            help="smooth carries colour along motion; off looks at each frame.",
        ),
    ] = "smooth",
    rate: Annotated[
        Fraction,
        typer.Option(
            parser=_rate,
            metavar="FPS",
            show_default="25",
            rich_help_panel=SOURCE,
            help="Frames a second of numbered pictures: 24, 23.976 or 24000/1001.",
        ),
    ] = Fraction(25),
    stream: Annotated[
        int,
        typer.Option(
            rich_help_panel=SOURCE, help="Which video stream to colorize; they count from 0."
        ),
    ] = 0,
    compare: Annotated[
        Compare,
        typer.Option(
            rich_help_panel=OUTPUT,
            help="side puts gray and colour side by side, split shows half and half.",
        ),
    ] = "none",
    crf: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=OUTPUT, help="Quality, as the encoder counts it; 18 for libx264."
        ),
    ] = None,
    encoder: Annotated[
        EncoderName,
        typer.Option(
            rich_help_panel=OUTPUT, help="auto is libx264, libsvtav1 for .webm, png for pictures."
        ),
    ] = "auto",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", rich_help_panel=OUTPUT, help="Replace films that exist.")
    ] = False,
    pixel_format: Annotated[
        str,
        typer.Option(
            rich_help_panel=OUTPUT,
            help="As FFmpeg calls it, yuv420p10le say; auto follows the source.",
        ),
    ] = AUTO,
    preset: Annotated[
        str,
        typer.Option(rich_help_panel=OUTPUT, help="As the encoder calls it; auto is medium."),
    ] = AUTO,
    preview: Annotated[
        Path | None,
        typer.Option(
            rich_help_panel=OUTPUT, help="Keep a frame of where the run is in this .jpg or .png."
        ),
    ] = None,
    device: Device = AUTO,
    debug: Debug = False,
    quiet: Quiet = False,
) -> int:
    """Add colour to black-and-white films.

    Luma reaches the encoder as it was decoded. Sound, subtitles, chapters and everything else are
    copied. Ctrl-C ends the film where it is, so that it plays; the same command goes on from there,
    also after a crash.
    """
    del debug
    # SVT-AV1 writes to the terminal on its own account unless configured otherwise.
    os.environ.setdefault("SVT_LOG", "1")
    with needs_extra("video"):
        from ..engine.film.film_plan import plan_films
        from ..engine.film.film_runner import FilmRunner
        from ..engine.film.preview import Preview
        from ..engine.film.segments.segment_store import store_folder
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
    )
    jobs = plan_films(source, destination)
    if scenes is not None and len(jobs) > 1:
        raise UsageError("--scenes belongs to one film, and SRC is more than one")
    preview_file = Preview(preview) if preview is not None else None
    failed = False
    with (
        open_with_display(choose_model(model, device), threads=0, quiet=quiet) as opened,
        _stop_on_signals() as (stop, begun),
    ):
        runner = FilmRunner(opened.backend, opened.model.sha256, options)
        for job in jobs:
            if not overwrite and job.output.exists() and not store_folder(job.output).exists():
                if not quiet:
                    print(printable(f"{job.output} exists; --overwrite replaces it"))
                continue
            try:
                _colorize(runner, options, job, preview_file, stop, begun, quiet=quiet)
            except (PictureError, UnwritableError) as error:
                failed = True
                print_line(f"failed: {error}")
            if stop.is_set():
                return EXIT_INTERRUPTED
    return EXIT_SOME_FAILED if failed else EXIT_OK


def main() -> None:
    """Entry point of `colorize-video`."""
    run_app(app)


def _colorize(
    runner: FilmRunner,
    options: FilmOptions,
    job: FilmJob,
    preview: Preview | None,
    stop: Event,
    begun: Event,
    *,
    quiet: bool,
) -> None:
    """One film, with progress and a summary."""
    from ..engine.film.media.film_info import film_info

    info = film_info(job.source, stream=options.stream, sequence_rate=options.sequence_rate)
    with FilmProgress(job.source.name, info.frames, quiet=quiet) as progress:

        def show(painted: PaintedFrame) -> None:
            begun.set()
            progress.show(painted.state.frame)
            if preview is not None:
                preview.show(painted.frame)

        start = time.perf_counter()
        report = runner.run(
            job.source, job.output, show=show, say=progress.say, stop=stop, info=info
        )
        seconds = time.perf_counter() - start
    if not report.frames:
        print_line(f"stopped before the first frame; {job.output} is not written")
    elif not report.whole:
        console.print(
            f"stopped at {report.seconds:.1f} s; {job.output} ends there, and the same command "
            "goes on from there",
            markup=False,
        )
    elif not quiet:
        print(printable(_sentence(report, seconds, job)))


def _sentence(report: FilmReport, seconds: float, job: FilmJob) -> str:
    fresh = report.frames - report.resumed
    parts = [f"{report.frames} frames in {seconds:.1f} s ({fresh / seconds:.1f} frames/s)"]
    for count, what, rest in (
        (len(report.cuts), "scene", ""),
        (report.looks, "look", " of the model"),
        (report.resumed, "frame", " from an earlier run"),
        (report.damaged, "damaged packet", ""),
        (report.repaired, "repaired timestamp", ""),
        (report.resized, "frame", " scaled to the size of the first"),
    ):
        if count:
            parts.append(f"{count} {what}{'s' if count > 1 else ''}{rest}")
    return f"{', '.join(parts)} -> {job.output}"


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
