"""`colorize-export engine`, `parity` and `cache`: TensorRT engines, and how true they are."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from ..chosen_model import choose_model
from ..engine.inference.device_spec import device_specs
from ..engine.inference.tensorrt.engine_file import ENGINE_SUFFIX
from ..errors import UsageError
from ..export.parity.color_difference import ParityBounds
from ..extras import needs_extra
from .engine_building import BuildDisplay
from .reporting import EXIT_OK, EXIT_USAGE

BOUNDS: Final = ParityBounds()
MOST_NAMED: Final = 8
CHECKPOINT_SUFFIX: Final = ".ckpt"

Model = Annotated[
    str,
    typer.Argument(metavar="MODEL", help="A shipped model's name, an .onnx file, or a .ckpt."),
]
Photos = Annotated[
    Path | None,
    typer.Option(help="Compare on these pictures; by default on the package's own."),
]
MaxAb = Annotated[float, typer.Option(help="Largest difference anywhere, ab units.")]
MeanAb = Annotated[float, typer.Option(help="Largest mean difference, ab units.")]
MeanCiede2000 = Annotated[float, typer.Option(help="Largest mean CIEDE2000 of finished pictures.")]


def engine(
    model: Model,
    output: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the .engine; made if it is not there.")
    ],
    batch_max: Annotated[
        int, typer.Option(help="Largest batch, 1..256; it is tuned for that.")
    ] = 32,
    beyond_bounds: Annotated[
        bool, typer.Option("--beyond-bounds", help="Build even if it differs by more.")
    ] = False,
    device: Annotated[
        str,
        typer.Option(
            help="cuda or cuda:N builds for that GPU and checks the engine there; cpu without one; "
            "auto without one where the flavour can."
        ),
    ] = "auto",
    flavor: Annotated[
        Literal["auto", "tensorrt", "tensorrt-rtx"],
        typer.Option(help="auto is what is installed."),
    ] = "auto",
    inspect_layers: Annotated[
        bool, typer.Option("--inspect", help="Write what became of the layers to a .json beside.")
    ] = False,
    license_text: Annotated[
        str, typer.Option("--license", help="Licence of the weights; for a .ckpt.")
    ] = "",
    max_ab: MaxAb = BOUNDS.max_ab,
    mean_ab: MeanAb = BOUNDS.mean_ab,
    mean_ciede2000: MeanCiede2000 = BOUNDS.mean_ciede2000,
    name: Annotated[str, typer.Option(help="The engine's name; by default the model's.")] = "",
    photos: Photos = None,
    precision: Annotated[
        Literal["fp16", "fp32"], typer.Option(help="Of the computation.")
    ] = "fp16",
    target: Annotated[
        list[str] | None,
        typer.Option(help="Architecture to build for without a GPU, as sm_89; may be repeated."),
    ] = None,
    training_data: Annotated[
        str, typer.Option(help="What the model learned from; for a .ckpt.")
    ] = "",
) -> None:
    """Build a TensorRT engine; refused unless it gives the colours of the float32 model."""
    with needs_extra("tensorrt"):
        from ..export.tensorrt.engine_from_onnx import engine_from_onnx
        from ..export.tensorrt.engine_request import EngineRequest
        from ..export.tensorrt.engine_spec import EngineSpec
        from ..export.tensorrt.tensorrt_flavor import TensorRtFlavor
    chosen = TensorRtFlavor(flavor)
    spec = EngineSpec(
        precision=precision,
        batch_max=batch_max,
        flavor=chosen.name,
        gpu=_gpu(device, needs_one=not chosen.takes_targets),
        targets=tuple(target or ()),
        bounds=ParityBounds(max_ab=max_ab, mean_ab=mean_ab, mean_ciede2000=mean_ciede2000),
        beyond_bounds=beyond_bounds,
        photos=photos,
    )
    stem = name or Path(model).stem
    if Path(model).suffix == CHECKPOINT_SUFFIX:
        onnx_path = output / f"{stem}.onnx"
        _export_checkpoint(Path(model), onnx_path, stem, license_text, training_data)
    else:
        # The file that a GPU runs: "auto" is then the model in float32.
        onnx_path = choose_model(model, "cuda", engines=False).path
    engine_path = output / f"{stem}{ENGINE_SUFFIX}"
    with BuildDisplay() as display:
        request = EngineRequest.of(onnx_path, spec)
        report = engine_from_onnx(request, engine_path, on_progress=display.show)
    key = report.key
    print(
        f"{onnx_path} -> {engine_path}: {report.plan_bytes / 1e6:.1f} MB for "
        f"{key.device_name or ', '.join(key.targets) or 'every GPU it takes by default'}, "
        f"{key.flavor} {key.flavor_version}, in {display.seconds:.1f} s"
    )
    if report.rounded is not None:
        print(
            f"FP16: {report.nodes - len(report.kept)} of {report.nodes} layers; "
            f"differs from float32 by at most {report.rounded}"
        )
    if report.kept:
        more = len(report.kept) - MOST_NAMED
        named = ", ".join(report.kept[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        print(f"in float32: {named}")
    if report.on_gpu is None:
        print("the engine itself was not run: it was built without a GPU")
    else:
        print(f"the engine on its GPU: differs from float32 by at most {report.on_gpu}")
    if inspect_layers:
        layers_path = engine_path.with_suffix(".json")
        layers = json.loads(report.layers_json) if report.layers_json else None
        text = json.dumps({"network": report.network, "engine": layers}, indent=2)
        layers_path.write_text(text, encoding="utf-8")
        print(f"layers: {layers_path}" + ("" if layers else " (of the network: no GPU loaded it)"))


def parity(
    model: Model,
    photos: Annotated[
        Path | None,
        typer.Argument(help="A folder of pictures; by default the package's own."),
    ] = None,
    device: Annotated[str, typer.Option(help="cuda or cuda:N: where the engine runs.")] = "cuda",
    engine_path: Annotated[
        Path | None, typer.Option("--engine", help="An .engine of the model, to run beside.")
    ] = None,
    max_ab: MaxAb = BOUNDS.max_ab,
    mean_ab: MeanAb = BOUNDS.mean_ab,
    mean_ciede2000: MeanCiede2000 = BOUNDS.mean_ciede2000,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> int:
    """Run a model on every path there is and show how far each is from the first.

    Exit code 1 if one is out of bounds.
    """
    with needs_extra("tensorrt"):
        from ..export.compare_paths import compare_paths
        from ..export.graph.read_model import read_model
        from ..export.parity.parity_pictures import parity_pictures
    bounds = ParityBounds(max_ab=max_ab, mean_ab=mean_ab, mean_ciede2000=mean_ciede2000)
    torch_network = None
    if Path(model).suffix == CHECKPOINT_SUFFIX:
        with needs_extra("export"):
            from ..export.onnx_from_checkpoint import ExportOptions, exported_checkpoint
        # Nothing is written, so nobody will read these.
        unstated = ExportOptions(name="unstated", license="unstated", training_data="unstated")
        exported = exported_checkpoint(Path(model), unstated)
        proto, contract, torch_network = exported.model, exported.contract, exported.predict
    else:
        proto, contract, _ = read_model(choose_model(model, "cuda", engines=False).path)
    pictures = parity_pictures(contract, photos)
    paths = compare_paths(
        proto,
        pictures,
        bounds,
        torch_network=torch_network,
        engine_path=engine_path,
        gpu=_gpu(device, needs_one=True) or 0,
    )
    within = all(bounds.allow(path.difference) for path in paths)
    if as_json:
        rows = [{"path": path.name, **asdict(path.difference)} for path in paths]
        print(json.dumps({"pictures": len(pictures), "paths": rows, "within": within}, indent=2))
    else:
        first = "PyTorch" if torch_network else "ONNX Runtime"
        print(f"{len(pictures)} pictures; differences from {first}, float32, at most:")
        for path in paths:
            print(f"  {path.name + ':':<36} {path.difference}")
        print(f"  {'bounds:':<36} {bounds}")
    return EXIT_OK if within else EXIT_USAGE


cache = typer.Typer(no_args_is_help=True, help="Engines that were built on first use.")


@cache.command(name="list")
def cache_list(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List the engines in the cache."""
    with needs_extra("tensorrt"):
        from ..export.tensorrt.engine_cache import cache_folder, list_engines
    engines = list_engines()
    if as_json:
        rows = [
            {
                "path": str(entry.path),
                "bytes": entry.nbytes,
                "key": asdict(entry.engine.key) if entry.engine else None,
            }
            for entry in engines
        ]
        print(json.dumps(rows, indent=2))
        return
    print(f"{cache_folder()}: {len(engines)} engines")
    for entry in engines:
        size = f"{entry.nbytes / 1e6:7.1f} MB"
        if entry.engine is None:
            print(f"{size}  {entry.path.name}  damaged or of another version; it will be rebuilt")
            continue
        key = entry.engine.key
        print(
            f"{size}  {entry.path.name}  {key.precision}, batch {key.batch_max}, "
            f"{key.flavor} {key.flavor_version}, "
            f"{key.device_name or ', '.join(key.targets) or 'built without a GPU'}"
        )


@cache.command(name="clear")
def cache_clear() -> None:
    """Remove all engines from the cache."""
    with needs_extra("tensorrt"):
        from ..export.tensorrt.engine_cache import clear_engines
    count, nbytes = clear_engines()
    print(f"removed {count} engines, {nbytes / 1e6:.1f} MB")


def _gpu(device: str, *, needs_one: bool) -> int | None:
    """The number of the GPU that `--device` names, or None for none."""
    first, *others = device_specs(device)
    if others:
        raise UsageError(f"--device {device}: an engine is built for one GPU; name one")
    if first.kind not in ("auto", "cpu", "cuda"):
        raise UsageError(f"--device {device}: TensorRT runs on cuda only")
    if first.kind == "cpu" or (first.kind == "auto" and not needs_one):
        return None
    return first.ordinal


def _export_checkpoint(
    checkpoint: Path, onnx_path: Path, name: str, license_text: str, training_data: str
) -> None:
    with needs_extra("export"):
        from ..export.onnx_from_checkpoint import ExportOptions, onnx_from_checkpoint
    options = ExportOptions(name=name, license=license_text, training_data=training_data)
    error_ab = onnx_from_checkpoint(checkpoint, onnx_path, options)
    print(f"{checkpoint} -> {onnx_path}; differs from PyTorch by at most {error_ab:.1e} ab units")
