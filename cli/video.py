"""`colorize-video SRC DST`: colour for films."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Annotated, Final

import typer

from ..chosen_model import choose_model
from ..engine.film.film_options import (
    CUT_SHARE,
    MAX_EVERY,
    Audio,
    Compare,
    FilmOptions,
    Temporal,
)
from ..engine.film.media.encoders import EncoderName
from ..engine.film.media.part import Part
from ..engine.inference.model_files import DEFAULT_MODEL
from ..engine.pictures.look import Look
from ..errors import UsageError
from ..extras import needs_extra
from .auto_number import auto_or
from .engine_building import open_with_display
from .film_batch import FilmBatch
from .film_results import FilmResults, discard_segments
from .options import (
    AUTO,
    COLOR,
    MESSAGES,
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
from .reporting import EXIT_OK, EXIT_SOME_FAILED, EXIT_USAGE, run_app
from .stop_signals import EXIT_INTERRUPTED
from .version import print_version

TIME: Final = "Colour in time"
SOURCE: Final = "Source"

EPILOG: Final = """
[bold]Examples[/bold]

colorize-video film.mp4 film-colour.mkv

colorize-video clips/ colour/ --encoder libx265 --crf 20

colorize-video film.mov check.mp4 --compare split --preview now.jpg

colorize-video 'scans/%05d.png' film.mp4 --rate 18

colorize-video film.mkv trial.mp4 --start 12:30 --duration 10

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


def _time(text: str | Fraction) -> Fraction:
    """Read a time: seconds, minutes and seconds, or hours, minutes and seconds."""
    try:
        parts = [Fraction(part) for part in str(text).split(":")]
    except (ValueError, ZeroDivisionError):
        parts = []
    if not 1 <= len(parts) <= 3 or any(part < 0 for part in parts):
        raise typer.BadParameter(f"expected a time such as 90, 1:30 or 00:01:30.5, got {text!r}")
    seconds = Fraction(0)
    for part in parts:
        seconds = 60 * seconds + part
    return seconds


app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)


@app.command(name="colorize-video", epilog=EPILOG)
def colorize_video(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SRC...",
            help="Films, globs, folders of films or of numbered pictures, or frames/%06d.png.",
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
        typer.Option(
            rich_help_panel=COLOR,
            help="A picture whose colours the film takes on, or a folder of them: the best fits.",
        ),
    ] = None,
    saturation: Saturation = 1.0,
    style: Style = "natural",
    upsample: Upsample = "guided",
    every: Annotated[
        int,
        auto_or(1, MAX_EVERY, panel=TIME, help="Frames from one look of the model to the next."),
    ] = 0,
    scene_threshold: Annotated[
        float,
        typer.Option(
            metavar="0..1",
            rich_help_panel=TIME,
            help="Start a scene where less than this share of a frame was in the one before.",
        ),
    ] = CUT_SHARE,
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
    allow_gaps: Annotated[
        bool,
        typer.Option(
            "--allow-gaps", rich_help_panel=SOURCE, help="Numbered pictures may lack some."
        ),
    ] = False,
    deinterlace: Annotated[
        bool,
        typer.Option(
            "--deinterlace", rich_help_panel=SOURCE, help="Weave fields into whole frames."
        ),
    ] = False,
    duration: Annotated[
        Fraction | None,
        typer.Option(
            parser=_time,
            metavar="TIME",
            rich_help_panel=SOURCE,
            help="Colorize so much of the film: 10, 1:30 or 00:01:30.5.",
        ),
    ] = None,
    end: Annotated[
        Fraction | None,
        typer.Option(
            parser=_time,
            metavar="TIME",
            rich_help_panel=SOURCE,
            help="Stop at this time, counted from the film's start.",
        ),
    ] = None,
    start: Annotated[
        Fraction | None,
        typer.Option(
            parser=_time,
            metavar="TIME",
            rich_help_panel=SOURCE,
            help="Begin at this time.",
        ),
    ] = None,
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
    audio: Annotated[
        Audio,
        typer.Option(
            rich_help_panel=OUTPUT,
            help="copy keeps sound as it is, convert encodes what the container cannot hold.",
        ),
    ] = "copy",
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
            rich_help_panel=OUTPUT,
            help="auto is libx264, libsvtav1 for .webm, by the ending for pictures.",
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
    discard: Annotated[
        bool,
        typer.Option(
            "--discard",
            rich_help_panel=MESSAGES,
            help="Delete what broken-off runs left for DST, and colorize nothing.",
        ),
    ] = False,
    json_summary: Annotated[
        bool,
        typer.Option(
            "--json", rich_help_panel=MESSAGES, help="Summary as JSON on standard output."
        ),
    ] = False,
    quiet: Quiet = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            rich_help_panel=MESSAGES,
            help="Exit with 2 where a film was cut off or damaged.",
        ),
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=print_version,
            rich_help_panel=MESSAGES,
            help="Print the version and the shipped models.",
        ),
    ] = False,
) -> int:
    """Add colour to black-and-white films.

    Luma reaches the encoder as it was decoded. Sound, subtitles, chapters and everything else are
    copied. Ctrl-C ends the film where it is, so that it plays; the same command goes on from there,
    also after a crash.
    """
    del debug, version
    # SVT-AV1 writes to the terminal on its own account unless configured otherwise.
    os.environ.setdefault("SVT_LOG", "1")
    with needs_extra("video"):
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
    with (
        open_with_display(choose_model(model, device), threads=0, quiet=quiet) as opened,
        _stop_on_signals() as (stop, begun),
        FilmResults(
            destination if several and not destination.suffix else None,
            quiet=quiet,
            to_stderr=json_summary,
        ) as results,
    ):
        runner = FilmRunner(opened.backend, opened.model.sha256, options)
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
