"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated, Final

import typer

AUTO: Final = "auto"

Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or cuda:N,M.")]
Model = Annotated[str, typer.Option(help="auto, a shipped model, or an .onnx or .engine file.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print failures only.")]
Saturation = Annotated[float, typer.Option(help="Strength of the colour, 0..4; 1 is as predicted.")]
Style = Annotated[str, typer.Option(help="natural as predicted, or vivid: half as much again.")]
Upsample = Annotated[
    str, typer.Option(help="How colour is enlarged: guided by edges, or bilinear.")
]
