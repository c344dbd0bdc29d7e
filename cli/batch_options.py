"""The options of `colorize-batch` that no other command has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from ..engine.pictures.formats import FormatName
from ..engine.pictures.look import Chroma
from ..engine.pictures.metadata.provenance import is_marked
from ..engine.pictures.metadata.read_metadata import read_metadata
from ..engine.pictures.preparation.preparation_options import Upright
from ..errors import UnreadableError, first_line
from .auto_number import auto_or
from .options import COLOR, MESSAGES, OUTPUT, SPEED
from .reporting import EXIT_OK, EXIT_USAGE
from .version import print_version

PICTURES: Final = "Pictures"


def tell_whether_colorized(path: Path | None) -> None:
    """Print whether this program added a file's colour, if requested, and leave: 0 yes, 1 no."""
    if path is None:
        return
    try:
        marked = is_marked(read_metadata(path.read_bytes()))
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read: {first_line(error)}") from error
    if marked:
        print(f"{path}: yes, colour was added by colorize-batch")
    else:
        print(f"{path}: no, it does not say so")
    raise typer.Exit(EXIT_OK if marked else EXIT_USAGE)


Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SRC...",
        help="Pictures, folders and globs, quoted or not; or - for a list of paths.",
    ),
]

Destination = Annotated[
    Path, typer.Argument(metavar="DST", help="A folder; or a file, when SRC is one picture.")
]

Best = Annotated[
    bool,
    typer.Option(
        "--best",
        rich_help_panel=COLOR,
        help="Test-time augmentation: average with the mirrored picture; about half as fast.",
    ),
]

ChromaOption = Annotated[
    Chroma,
    typer.Option(
        rich_help_panel=COLOR,
        help="Colour of JPEG outputs: 420 at half size each way, 444 full.",
    ),
]

Hints = Annotated[
    Path | None,
    typer.Option(
        metavar="HINTS.json",
        rich_help_panel=COLOR,
        help="Colours for places of pictures, by file name.",
    ),
]

UprightOption = Annotated[
    Upright,
    typer.Option(
        rich_help_panel=COLOR,
        help="Side that is up: as it is, or auto: show four turns, take the likeliest colours.",
    ),
]

WorkingSize = Annotated[
    int,
    auto_or(1, 4096, panel=COLOR, help="Root of the area that the model looks at, pixels."),
]

DryRun = Annotated[
    bool,
    typer.Option("--dry-run", rich_help_panel=PICTURES, help="Print what would be done, and stop."),
]

FailFast = Annotated[
    bool,
    typer.Option("--fail-fast", rich_help_panel=PICTURES, help="Stop at the first failure."),
]

Frames = Annotated[
    Literal["first", "all"],
    typer.Option(
        rich_help_panel=PICTURES,
        help="Of animations: the first frame, or all where the output's format can hold them.",
    ),
]

MaxBytes = Annotated[
    int,
    typer.Option(rich_help_panel=PICTURES, help="Refuse files with more bytes than this, unread."),
]

MaxPixels = Annotated[
    int,
    typer.Option(rich_help_panel=PICTURES, help="Refuse pictures with more pixels than this."),
]

MaxSeconds = Annotated[
    float,
    typer.Option(
        rich_help_panel=PICTURES,
        help="Stop decoding a picture that takes longer than this, and give up a file whose "
        "disk does not answer.",
    ),
]

Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", rich_help_panel=PICTURES, help="Replace outputs that exist."),
]

Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        rich_help_panel=PICTURES,
        help="Leave alone what is finished with this model and settings; redo the rest. "
        "--resume=verify is --verify.",
    ),
]

Invert = Annotated[
    bool,
    typer.Option(
        "--invert",
        rich_help_panel=PICTURES,
        help="Turn light and dark around first: pictures are scanned negatives.",
    ),
]

Salvage = Annotated[
    bool,
    typer.Option(
        "--salvage",
        rich_help_panel=PICTURES,
        help="Colorize what can be read of damaged pictures, and mark the outputs so.",
    ),
]

SkipColor = Annotated[
    bool,
    typer.Option(
        "--skip-color",
        rich_help_panel=PICTURES,
        help="Leave out pictures that are in colour already.",
    ),
]

Verify = Annotated[
    bool,
    typer.Option(
        "--verify",
        rich_help_panel=PICTURES,
        help="--resume, and redo outputs whose sha256 is not the recorded one.",
    ),
]

Wait = Annotated[
    bool,
    typer.Option("--wait", rich_help_panel=PICTURES, help="Wait for another run on DST to end."),
]

ContactSheet = Annotated[
    Path | None,
    typer.Option(
        rich_help_panel=OUTPUT, help="Write gray and colour side by side to this .jpg or .png."
    ),
]

SheetRows = Annotated[
    int,
    typer.Option(
        min=1, max=1000, rich_help_panel=OUTPUT, help="Most pictures on the contact sheet."
    ),
]

OutputFormat = Annotated[
    Literal["keep", FormatName],
    typer.Option("--format", rich_help_panel=OUTPUT, help="Format of the outputs."),
]

KeepTimes = Annotated[
    bool,
    typer.Option(
        "--keep-times",
        rich_help_panel=OUTPUT,
        help="Give outputs the time of change of their sources.",
    ),
]

Label = Annotated[
    str,
    typer.Option(
        rich_help_panel=OUTPUT,
        help="Text to draw into the lower left corner; JPEGs are then encoded anew.",
    ),
]

NoProvenance = Annotated[
    bool,
    typer.Option(
        "--no-provenance",
        rich_help_panel=OUTPUT,
        help="Leave out the mark in XMP and EXIF that a model added the colour.",
    ),
]

Quality = Annotated[
    int,
    auto_or(1, 100, panel=OUTPUT, help="Of jpg, webp and avif; auto is the format's own."),
]

BatchSize = Annotated[
    int, auto_or(1, 256, panel=SPEED, help="Pictures that the network takes at a time.")
]

Workers = Annotated[int, auto_or(1, 256, panel=SPEED, help="Threads of each stage.")]

IsColorized = Annotated[
    Path | None,
    typer.Option(
        is_eager=True,
        callback=tell_whether_colorized,
        metavar="FILE",
        rich_help_panel=MESSAGES,
        help="Print whether colorize-batch added a file's colour: exit code 0 yes, 1 no.",
    ),
]

JsonSummary = Annotated[
    bool,
    typer.Option("--json", rich_help_panel=MESSAGES, help="Summary as JSON on standard output."),
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
