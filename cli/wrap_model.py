"""`colorize-export wrap`: other people's networks as model files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..errors import UsageError
from ..extras import needs_extra
from .options import ModelName, ModelOut


def wrap_model(
    source: Annotated[
        Path,
        typer.Argument(metavar="MODEL", help="A .onnx, .pt (TorchScript) or .pt2 (torch.export)."),
    ],
    onnx_path: ModelOut,
    takes: Annotated[
        Literal["l", "gray", "rgb-gray"],
        typer.Option("--input", help="L*, the sRGB gray value, or that three times."),
    ],
    gives: Annotated[
        Literal["ab", "lab", "rgb"],
        typer.Option("--output", help="a*, b*; those behind a lightness; or sRGB."),
    ],
    license_text: Annotated[str, typer.Option("--license", help="Of the weights.")],
    training_data: Annotated[str, typer.Option(help="What the weights were learned from.")],
    name: ModelName = "",
    value_range: Annotated[
        str,
        typer.Option(
            "--range",
            metavar="BLACK..WHITE",
            help="What it takes for black and white; 0..100 for l.",
        ),
    ] = "",
    mean: Annotated[
        str, typer.Option(metavar="M,M,M", help="Subtracted from each channel after that.")
    ] = "",
    std: Annotated[
        str, typer.Option(metavar="S,S,S", help="Each channel is divided by this after that.")
    ] = "",
    scale: Annotated[
        float, typer.Option(help="Output times this is CIELAB's a*, b*; or sRGB 0..1.")
    ] = 1.0,
    offset: Annotated[float, typer.Option(help="Added after --scale.")] = 0.0,
    multiple: Annotated[
        int, typer.Option(min=1, help="Sides must be multiples of this, if it takes any size.")
    ] = 32,
    size: Annotated[
        int, typer.Option(min=1, help="Side of the square it works best at, if it takes any size.")
    ] = 256,
) -> None:
    """Put any colorizer under the contract, so that colorize-batch runs it; docs/contract.md."""
    with needs_extra("export"):
        from ..export.wrapped_model import WrapOptions, wrap_file
    black, white = _range(value_range or ("0..100" if takes == "l" else "0..1"))
    contract = wrap_file(
        source,
        onnx_path,
        WrapOptions(
            name=name or onnx_path.stem,
            license=license_text,
            training_data=training_data,
            takes=takes,
            gives=gives,
            black=black,
            white=white,
            mean=_numbers("--mean", mean),
            std=_numbers("--std", std),
            scale=scale,
            offset=offset,
            multiple=multiple,
            size=size,
        ),
    )
    print(f"{source} -> {onnx_path}; try: colorize-batch SRC DST --model {onnx_path}")
    if contract.working_height:
        print(f"it takes {contract.working_height} x {contract.working_width} pixels only")


def _range(text: str) -> tuple[float, float]:
    try:
        black, white = (float(part) for part in text.split(".."))
    except ValueError as error:
        raise UsageError(f"--range {text!r}: expected two numbers, like 0..1 or -1..1") from error
    return black, white


def _numbers(option: str, text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",")) if text else ()
    except ValueError as error:
        raise UsageError(f"{option} {text!r}: expected numbers, like 0.485,0.456,0.406") from error
