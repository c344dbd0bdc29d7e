"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

AUTO: Final = "auto"

Cache = Annotated[Path, typer.Option(metavar="CACHE", help="Made by data prepare.")]
CheckpointOut = Annotated[Path, typer.Option(metavar="CKPT", help="Replaced if it exists.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or cuda:N,M.")]
Model = Annotated[str, typer.Option(help="auto, a shipped model, or an .onnx or .engine file.")]
ModelFile = Annotated[
    str, typer.Argument(metavar="MODEL", help="A shipped model's name, or an .onnx file.")
]
ModelName = Annotated[str, typer.Option(help="The model's name; by default that of OUT.onnx.")]
ModelOut = Annotated[Path, typer.Argument(metavar="OUT.onnx", help="Replaced if it exists.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print failures only.")]
Saturation = Annotated[float, typer.Option(help="Strength of the colour, 0..4; 1 is as predicted.")]
Style = Annotated[str, typer.Option(help="natural as predicted, or vivid: half as much again.")]
Upsample = Annotated[
    str, typer.Option(help="How colour is enlarged: guided by edges, or bilinear.")
]
