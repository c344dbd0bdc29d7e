"""The options of `colorize-video` that no other command has."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Final

import typer

from ..engine.film.film_options import MAX_EVERY, Audio, Compare, Temporal
from ..engine.film.media.encoders import EncoderName
from .auto_number import auto_or
from .options import COLOR, MESSAGES, OUTPUT
from .version import print_version

TIME: Final = "Colour in time"
SOURCE: Final = "Source"


def frame_rate(text: str | Fraction) -> Fraction:
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


Sources = Annotated[
    list[Path],
    typer.Argument(
        metavar="SRC...",
        help="Films, globs, folders of films or of numbered pictures, or frames/%06d.png.",
    ),
]

Destination = Annotated[
    Path,
    typer.Argument(
        metavar="DST", help="A film, whose ending names the container; a folder; %06d.png."
    ),
]

Reference = Annotated[
    Path | None,
    typer.Option(
        rich_help_panel=COLOR,
        help="A picture whose colours the film takes on, or a folder of them: the best fits.",
    ),
]

Every = Annotated[
    int,
    auto_or(1, MAX_EVERY, panel=TIME, help="Frames from one look of the model to the next."),
]

SceneThreshold = Annotated[
    float,
    typer.Option(
        metavar="0..1",
        rich_help_panel=TIME,
        help="Start a scene where less than this share of a frame was in the one before.",
    ),
]

Scenes = Annotated[
    Path | None,
    typer.Option(
        rich_help_panel=TIME,
        help="Read cuts and a reference for each scene; written if it is missing.",
    ),
]

Strength = Annotated[
    float,
    typer.Option(
        metavar="0..1",
        rich_help_panel=TIME,
        help="How much colour stays when the model looks again.",
    ),
]

TemporalOption = Annotated[
    Temporal,
    typer.Option(
        rich_help_panel=TIME,
        help="smooth carries colour along motion; off looks at each frame.",
    ),
]

AllowGaps = Annotated[
    bool,
    typer.Option("--allow-gaps", rich_help_panel=SOURCE, help="Numbered pictures may lack some."),
]

Deinterlace = Annotated[
    bool,
    typer.Option("--deinterlace", rich_help_panel=SOURCE, help="Weave fields into whole frames."),
]

Duration = Annotated[
    Fraction | None,
    typer.Option(
        parser=_time,
        metavar="TIME",
        rich_help_panel=SOURCE,
        help="Colorize so much of the film: 10, 1:30 or 00:01:30.5.",
    ),
]

End = Annotated[
    Fraction | None,
    typer.Option(
        parser=_time,
        metavar="TIME",
        rich_help_panel=SOURCE,
        help="Stop at this time, counted from the film's start.",
    ),
]

Start = Annotated[
    Fraction | None,
    typer.Option(
        parser=_time,
        metavar="TIME",
        rich_help_panel=SOURCE,
        help="Begin at this time.",
    ),
]

Rate = Annotated[
    Fraction,
    typer.Option(
        parser=frame_rate,
        metavar="FPS",
        show_default="25",
        rich_help_panel=SOURCE,
        help="Frames a second of numbered pictures: 24, 23.976 or 24000/1001.",
    ),
]

Stream = Annotated[
    int,
    typer.Option(rich_help_panel=SOURCE, help="Which video stream to colorize; they count from 0."),
]

AudioOption = Annotated[
    Audio,
    typer.Option(
        rich_help_panel=OUTPUT,
        help="copy keeps sound as it is, convert encodes what the container cannot hold.",
    ),
]

CompareOption = Annotated[
    Compare,
    typer.Option(
        rich_help_panel=OUTPUT,
        help="side puts gray and colour side by side, split shows half and half.",
    ),
]

Crf = Annotated[
    int | None,
    typer.Option(rich_help_panel=OUTPUT, help="Quality, as the encoder counts it; 18 for libx264."),
]

EncoderOption = Annotated[
    EncoderName,
    typer.Option(
        rich_help_panel=OUTPUT,
        help="auto is libx264, libsvtav1 for .webm, by the ending for pictures.",
    ),
]

Overwrite = Annotated[
    bool, typer.Option("--overwrite", rich_help_panel=OUTPUT, help="Replace films that exist.")
]

PixelFormat = Annotated[
    str,
    typer.Option(
        rich_help_panel=OUTPUT,
        help="As FFmpeg calls it, yuv420p10le say; auto follows the source.",
    ),
]

Preset = Annotated[
    str,
    typer.Option(rich_help_panel=OUTPUT, help="As the encoder calls it; auto is medium."),
]

Preview = Annotated[
    Path | None,
    typer.Option(
        rich_help_panel=OUTPUT, help="Keep a frame of where the run is in this .jpg or .png."
    ),
]

Discard = Annotated[
    bool,
    typer.Option(
        "--discard",
        rich_help_panel=MESSAGES,
        help="Delete what broken-off runs left for DST, and colorize nothing.",
    ),
]

JsonSummary = Annotated[
    bool,
    typer.Option("--json", rich_help_panel=MESSAGES, help="Summary as JSON on standard output."),
]

Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        rich_help_panel=MESSAGES,
        help="Exit with 2 where a film was cut off or damaged.",
    ),
]

Version = Annotated[
    bool,
    typer.Option(
        "--version",
        is_eager=True,
        callback=print_version,
        rich_help_panel=MESSAGES,
        help="Print the version and the shipped models.",
    ),
]
