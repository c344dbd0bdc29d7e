"""`colorize-export`: checkpoints into model files, those into engines, and what they say."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ..chosen_model import choose_model
from ..extras import needs_extra
from .export_engine import cache, engine, parity
from .fetch_model import fetch_model
from .import_model import import_model
from .options import Debug, ModelFile, ModelName, ModelOut
from .reporting import run_app
from .wrap_model import wrap_model

EPILOG = """
[bold]Examples[/bold]

colorize-export onnx runs/lite/best.ckpt lite.onnx --name lite --license Apache-2.0 --training-data "my photos"

colorize-export fetch ddcolor-tiny

colorize-export import ddcolor_paper_tiny.pth ddcolor-tiny.onnx

colorize-export wrap mine.onnx mine-here.onnx --input gray --output rgb --license MIT --training-data "my photos"

colorize-export ensemble one.onnx two.onnx --out both.onnx

colorize-export calibrate lite.onnx lite.onnx --data cache/ --colorfulness 0.65

colorize-export compress lite.onnx lite.onnx

colorize-export int8 lite.onnx lite-int8.onnx --data cache/

colorize-export inspect lite.onnx

colorize-export engine lite --output engines --device cuda          for the GPU in this machine

colorize-export engine lite --output engines --target sm_86 --target sm_89     without a GPU

colorize-export parity lite photos/ --engine engines/lite.engine

colorize-export cache list
"""

app = typer.Typer(
    name="colorize-export",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=EPILOG,
)


@app.callback()
def export(debug: Debug = False) -> None:
    """Turn checkpoints into model files that colorize-batch runs."""
    del debug


@app.command()
def onnx(
    checkpoint: Annotated[
        Path,
        typer.Argument(
            metavar="CHECKPOINT", help="The best.ckpt or last.ckpt of colorize-train run."
        ),
    ],
    onnx_path: ModelOut,
    license_text: Annotated[str, typer.Option("--license", help="Licence of the weights.")],
    training_data: Annotated[str, typer.Option(help="What the model learned from.")],
    name: ModelName = "",
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
def int8(
    model: ModelFile,
    onnx_path: ModelOut,
    data: Annotated[
        Path, typer.Option(metavar="CACHE", help="Photographs to calibrate on; of data prepare.")
    ],
    name: ModelName = "",
    photos: Annotated[int, typer.Option(help="How many photographs to calibrate on.")] = 128,
    float_layers: Annotated[
        int, typer.Option(help="Convolutions at the start that stay in float.")
    ] = 2,
) -> None:
    """Quantise a model to 8 bit, for CPUs; refused if it changes the colours too much."""
    with needs_extra("export"):
        from ..export.graph.int8_from_onnx import Int8Options, int8_from_onnx
        from ..export.parity.calibration import calibration_planes

    chosen = choose_model(model, "cpu")
    with chosen.open() as opened:
        calibration, held_out = calibration_planes(data, opened.backend.contract, photos)
    source = chosen.path
    rms_ab = int8_from_onnx(
        source,
        onnx_path,
        Int8Options(name=name or onnx_path.stem, float_layers=float_layers),
        calibration=calibration,
        held_out=held_out,
    )
    print(f"{source} -> {onnx_path}; differs from it by {rms_ab:.2f} ab units (rms)")


@app.command()
def calibrate(
    model: ModelFile,
    onnx_path: ModelOut,
    data: Annotated[
        Path, typer.Option(metavar="CACHE", help="Its held-out photographs; of data prepare.")
    ],
    colorfulness: Annotated[float, typer.Option(help="As a share of the truth's.")] = 0.65,
    photos: Annotated[int, typer.Option(help="How many photographs to measure at most.")] = 128,
) -> None:
    """Make strong colours stronger, faint ones not, until pictures are colourful enough."""
    with needs_extra("export"):
        from ..export.calibrated_colorfulness import calibrate_colorfulness
        from ..export.parity.calibration import held_out_photos

    source = choose_model(model, "cpu").path
    result = calibrate_colorfulness(
        source, onnx_path, held_out_photos(data, photos), colorfulness_share=colorfulness
    )
    before, after = result.before, result.after
    print(
        f"{source} -> {onnx_path}; colourfulness {before.colorfulness:.0%} -> "
        f"{after.colorfulness:.0%} of the truth's, CIEDE2000 {before.under_gray:.1%} -> "
        f"{after.under_gray:.1%} under gray's; chroma halves at {result.curve.half:.1f} "
        f"of a limit of {result.curve.limit:.0f}"
    )


@app.command()
def smooth(
    model: ModelFile,
    onnx_path: ModelOut,
    radius: Annotated[
        int, typer.Option(help="Of the filter, at half of the output's resolution; 0 takes it off.")
    ] = 4,
    epsilon: Annotated[
        float, typer.Option(help="Variance of lightness below which a surface counts as plain.")
    ] = 16.0,
) -> None:
    """Smooth colours along lightness: calm surfaces without clouds, edges where they are."""
    with needs_extra("export"):
        from ..export.graph.guided_smoothing import GuidedSmoothing
        from ..export.smoothed_model import smooth_model

    source = choose_model(model, "cpu").path
    smoothing = GuidedSmoothing(radius=radius, epsilon=epsilon) if radius else None
    smooth_model(source, onnx_path, smoothing)
    done = f"smoothed with radius {radius}" if radius else "without smoothing"
    print(f"{source} -> {onnx_path}; {done}")


@app.command()
def ensemble(
    models: Annotated[
        list[str],
        typer.Argument(metavar="MODEL...", help="Shipped models' names, or .onnx files."),
    ],
    onnx_path: Annotated[
        Path, typer.Option("--out", metavar="OUT.onnx", help="Replaced if it exists.")
    ],
    name: ModelName = "",
) -> None:
    """Make one model of several: the mean of their colours; what they share is computed once."""
    with needs_extra("export"):
        from ..export.graph.ensemble import ensemble_of_models

    ensemble_of_models(
        [choose_model(each, "cpu").path for each in models],
        onnx_path,
        name=name or onnx_path.stem,
    )
    print(f"{' + '.join(models)} -> {onnx_path}")


@app.command()
def compress(
    model: ModelFile,
    onnx_path: ModelOut,
) -> None:
    """Half of the bytes by half-precision weights, and fewer multiplications; the same colours."""
    with needs_extra("export"):
        from ..export.graph.compressed_model import compress_model

    source = choose_model(model, "cpu").path
    before = source.stat().st_size
    after = compress_model(source, onnx_path)
    print(f"{source} -> {onnx_path}; {before / 1e6:.1f} -> {after / 1e6:.1f} MB")


@app.command()
def inspect(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A shipped model's name, an .onnx or .engine file."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show a model's contract: name, licence, training data, working sizes; an engine's origin."""
    from ..engine.inference.tensorrt.engine_file import ENGINE_SUFFIX, read_engine_file

    path = Path(model)
    if path.suffix == ENGINE_SUFFIX:
        engine_file = read_engine_file(path)
        contract = engine_file.contract
        key = asdict(engine_file.key)
        origin: dict[str, object] = {f"engine_{name}": value for name, value in key.items()}
        origin |= {"parity": engine_file.parity, "float32_layers": engine_file.float32_layers}
    else:
        chosen = choose_model(model, "cpu")
        path = chosen.path
        with chosen.open() as opened:
            contract, origin = opened.backend.contract, {}
    entries = {"file": str(path), "bytes": path.stat().st_size, **asdict(contract), **origin}
    if as_json:
        print(json.dumps(entries, indent=2))
        return
    for name, value in entries.items():
        if value not in (0, "", None, ()):
            print(f"{name + ':':<17} {value}")


app.command(name="import")(import_model)
app.command(name="wrap")(wrap_model)
app.command(name="fetch")(fetch_model)
app.command()(engine)
app.command()(parity)
app.add_typer(cache, name="cache")


def main() -> None:
    """Entry point of `colorize-export`."""
    run_app(app)
