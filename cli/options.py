"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from ..engine.pictures.look import Style as StyleName
from ..engine.pictures.look import Upsample as UpsampleName
from .reporting import show_tracebacks

AUTO: Final = "auto"

# Groups of the help pages.
COLOR: Final = "Colour"
OUTPUT: Final = "Output"
SPEED: Final = "Speed"
MESSAGES: Final = "Messages"

AsIs = Annotated[
    bool,
    typer.Option(
        "--as-is",
        rich_help_panel=COLOR,
        help="Show the model whole pictures as they are, not what preparation makes of them.",
    ),
]
Cache = Annotated[Path, typer.Option(metavar="CACHE", help="Made by data prepare.")]
CheckpointOut = Annotated[Path, typer.Option(metavar="CKPT", help="Replaced if it exists.")]
Debug = Annotated[
    bool,
    typer.Option(
        "--debug",
        envvar="COLORIZE_DEBUG",
        is_eager=True,
        callback=show_tracebacks,
        rich_help_panel=MESSAGES,
        help="Log the traceback of every error.",
    ),
]
Device = Annotated[
    str,
    typer.Option(
        metavar="auto|cpu|cuda[:N,M]|...",
        rich_help_panel=SPEED,
        help="Where the network runs; auto is an NVIDIA GPU that can be used, else the CPU. "
        "rtx, openvino, directml, coreml and webgpu are providers of ONNX Runtime.",
    ),
]
Model = Annotated[
    str,
    typer.Option(
        rich_help_panel=COLOR,
        help="auto, a shipped model's name, or an .onnx or .engine file.",
    ),
]
ModelFile = Annotated[
    str, typer.Argument(metavar="MODEL", help="A shipped model's name, or an .onnx file.")
]
ModelName = Annotated[str, typer.Option(help="The model's name; by default that of OUT.onnx.")]
ModelOut = Annotated[Path, typer.Argument(metavar="OUT.onnx", help="Replaced if it exists.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", rich_help_panel=MESSAGES, help="Print failures only.")
]
Saturation = Annotated[
    float,
    typer.Option(
        metavar="0..4", rich_help_panel=COLOR, help="Strength of the colour; 1 is as predicted."
    ),
]
Style = Annotated[
    StyleName,
    typer.Option(rich_help_panel=COLOR, help="natural as predicted, or vivid: half as much again."),
]
Upsample = Annotated[
    UpsampleName,
    typer.Option(rich_help_panel=COLOR, help="How colour is enlarged: guided by edges, or not."),
]
