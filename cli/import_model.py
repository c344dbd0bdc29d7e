"""`colorize-export import`: public networks' weights as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..extras import needs_extra
from .options import ModelName, ModelOut


def import_model(
    weights: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Weights as published: .pth, .pt, .bin or .safetensors."
        ),
    ],
    onnx_path: ModelOut,
    name: ModelName = "",
    license_text: Annotated[
        str,
        typer.Option("--license", help="Licence of weights of your own; published ones have one."),
    ] = "",
    variant: Annotated[
        str, typer.Option(help="stable or video: which of DeOldify's, if the file is no known one.")
    ] = "",
    size: Annotated[
        int,
        typer.Option(
            help="Look at as many pixels as a square of this side; by default as its own pipeline.",
            show_default=False,
        ),
    ] = 0,
    square: Annotated[
        bool,
        typer.Option(
            "--square", help="Squeeze pictures into that square, as its own pipeline does."
        ),
    ] = False,
) -> None:
    """Turn a public network's weights into a model file: ECCV16, SIGGRAPH17, DDColor, DeOldify."""
    with needs_extra("export"):
        from ..export.import_checkpoint import ImportOptions, import_checkpoint
    report = import_checkpoint(
        weights,
        onnx_path,
        ImportOptions(name=name, license=license_text, variant=variant, size=size, square=square),
    )
    origin = f"the published file {report.published!r}" if report.published else "no published file"
    print(f"{weights}: {report.family.name}, {origin}; licence {report.contract.license}")
    print(
        f"{weights} -> {onnx_path}; {report.onnx_bytes / 1e6:.0f} MB; differs from PyTorch by at "
        f"most {report.error_ab:.1e} ab units"
    )
