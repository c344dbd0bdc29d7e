"""`colorize-export`: checkpoints into model files, and what a model file says of itself."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from .extras import needs_extra
from .reporting import run_app

EPILOG = """
[bold]Examples[/bold]

colorize-export onnx runs/lite/best.ckpt lite.onnx --name lite --license Apache-2.0 --training-data "my photos"

colorize-export inspect lite.onnx
"""

app = typer.Typer(
    name="colorize-export",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Turn checkpoints into model files that colorize-batch runs.",
    epilog=EPILOG,
)


@app.command()
def onnx(
    checkpoint: Annotated[
        Path,
        typer.Argument(
            metavar="CHECKPOINT", help="The best.ckpt or last.ckpt of colorize-train run."
        ),
    ],
    onnx_path: Annotated[Path, typer.Argument(metavar="OUT.onnx", help="Replaced if it exists.")],
    license_text: Annotated[str, typer.Option("--license", help="Licence of the weights.")],
    training_data: Annotated[str, typer.Option(help="What the model learned from.")],
    name: Annotated[str, typer.Option(help="The model's name; by default that of OUT.onnx.")] = "",
    working_area: Annotated[
        int | None,
        typer.Option(
            help="Pixels, height x width, that the model looks at; by default its design's.",
            show_default=False,
        ),
    ] = None,
    working_max: Annotated[
        int | None,
        typer.Option(
            help="Longest side it looks at, pixels; by default four times the area's root.",
            show_default=False,
        ),
    ] = None,
    working_min: Annotated[
        int | None,
        typer.Option(
            help="Shortest side it looks at, pixels; by default a quarter of the area's root.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Export a checkpoint's averaged weights; refused unless ONNX Runtime agrees with PyTorch."""
    with needs_extra("export"):
        from ..export.onnx_from_checkpoint import ExportOptions, onnx_from_checkpoint
    options = ExportOptions(
        name=name or onnx_path.stem,
        license=license_text,
        training_data=training_data,
        working_area=working_area,
        working_min=working_min,
        working_max=working_max,
    )
    error_ab = onnx_from_checkpoint(checkpoint, onnx_path, options)
    print(f"{checkpoint} -> {onnx_path}; differs from PyTorch by at most {error_ab:.1e} ab units")


@app.command()
def inspect(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A shipped model's name, or an .onnx file.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show a model's contract: name, licence, training data, working sizes."""
    from ..engine.backends.backend import open_backend
    from ..engine.model_files import model_file

    path = model_file(model)
    with closing(open_backend(path, device="cpu")) as backend:
        entries = {"file": str(path), "bytes": path.stat().st_size, **asdict(backend.contract)}
    if as_json:
        print(json.dumps(entries, indent=2))
        return
    for key, value in entries.items():
        if value not in (0, ""):
            print(f"{key + ':':<17} {value}")


def main() -> None:
    """Entry point of `colorize-export`."""
    run_app(app)
