r"""Every model family on the same photographs: what it costs and what its colours are worth.

    python -m benchmarks.families PHOTOS --cache CACHE --sheet docs/models.jpg --json families.json \
        --run plain-cnn=runs/families/plain-cnn/best.ckpt --run lite=lite ...

A model is a checkpoint of `colorize-train run`, which is exported first, or the name or file of an
exported one. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from colorize_batch.chosen_model import choose_model
from colorize_batch.engine.batch.contact_sheet import write_contact_sheet
from colorize_batch.engine.inference.backend import Backend
from colorize_batch.engine.inference.working_shape import working_shape
from colorize_batch.export.onnx_from_checkpoint import ExportOptions, onnx_from_checkpoint
from colorize_batch.training.checkpoint import load_checkpoint
from colorize_batch.training.dataset.find_photos import find_photos
from colorize_batch.training.dataset.photo_cache import PhotoCache
from colorize_batch.training.evaluation.evaluate import evaluate
from colorize_batch.training.evaluation.mean_color import mean_ab
from colorize_batch.training.evaluation.recognition import Recognition
from colorize_batch.training.evaluation.scores import CONSTANT, GRAY, MODEL, ScoredPhoto, Summary

TIMED_RUNS: Final = 21
# The aspect of most photographs.
HEIGHT: Final = 600
WIDTH: Final = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One model; `gflops` counts a multiplication and an addition as two, of one picture."""

    name: str
    steps: int | None
    million_weights: float
    gflops: float | None
    cpu_ms: float
    ciede2000: float
    under_gray: float
    psnr_db: float
    ssim: float
    colorfulness: float
    frechet_lite0: float | None
    agreement: float


def main() -> None:
    """Measure and write."""
    arguments = _arguments()
    photos = list(find_photos([arguments.photos]))
    constant = mean_ab(PhotoCache(arguments.cache)) if arguments.cache is not None else None
    rows: list[Row] = []
    pictures: dict[str, list[ScoredPhoto]] = {}
    for run in arguments.run:
        name, _, model = run.partition("=")
        with tempfile.TemporaryDirectory() as folder:
            path, steps = _exported(model, name, Path(folder))
            with choose_model(path, "cpu").open() as opened:
                backend = opened.backend
                recognition = Recognition()
                shown = []
                scores = []
                for photo in evaluate(backend, photos, mean_ab=constant):
                    scores.append(photo.score)
                    recognition.add(photo)
                    if photo.score.name in arguments.show:
                        shown.append(photo)
                summary, recognized = Summary.of(scores), recognition.results()
                shape = working_shape(HEIGHT, WIDTH, backend.contract)
                cpu_ms = _cpu_ms(backend, shape)
            onnx_model = onnx.load(path)
            pictures[name] = shown
            cost = {
                "steps": steps,
                "million_weights": _weights(onnx_model) / 1e6,
                "gflops": _gflops(onnx_model, shape),
                "cpu_ms": cpu_ms,
            }
        for method, title in ((GRAY, "left gray"), (CONSTANT, "one colour")):
            if len(rows) < 2 and method in summary.metrics:
                rows.append(_row(title, method, summary, recognized, {}))
        rows.append(_row(name, MODEL, summary, recognized, cost))
        print(rows[-1])
    _print_table(rows, summary.true_colorfulness)
    if arguments.sheet is not None:
        _write_sheet(pictures, arguments.sheet)
    if arguments.json is not None:
        report = {"photos": len(photos), "rows": [asdict(row) for row in rows]}
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.families", description=__doc__)
    parser.add_argument("photos", help="a folder of colour photographs not used in training")
    parser.add_argument("--run", action="append", required=True, metavar="NAME=MODEL")
    parser.add_argument("--cache", type=Path, help="for the mean colour of the training set")
    parser.add_argument("--show", action="append", default=[], help="a photograph for the sheet")
    parser.add_argument("--sheet", type=Path, help="a picture of pictures, .jpg or .png")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _exported(model: str, name: str, folder: Path) -> tuple[Path, int | None]:
    """The ONNX file, and the steps it was trained for, where they are known."""
    if not model.endswith(".ckpt"):
        return choose_model(model, "cpu").path, None
    path = folder / "model.onnx"
    options = ExportOptions(name=name, license="not for use", training_data="see docs/models.md")
    onnx_from_checkpoint(Path(model), path, options)
    return path, load_checkpoint(Path(model)).step


def _cpu_ms(backend: Backend, shape: tuple[int, int]) -> float:
    """Median CPU time of one picture on one thread, milliseconds."""
    l_batch = np.random.default_rng(0).uniform(0, 100, (1, 1, *shape)).astype(np.float32)
    times = []
    for _ in range(TIMED_RUNS):
        start = time.thread_time()
        backend.infer(l_batch)
        times.append(time.thread_time() - start)
    return statistics.median(times) * 1e3


def _weights(model: onnx.ModelProto) -> int:
    return sum(numpy_helper.to_array(weights).size for weights in model.graph.initializer)


def _gflops(model: onnx.ModelProto, shape: tuple[int, int]) -> float | None:
    """GFLOPs of the convolutions and matrix products of one picture; None in 8 bit. Sets the model's input shape."""
    if any(node.op_type == "QuantizeLinear" for node in model.graph.node):
        return None
    for dimension, size in zip(
        model.graph.input[0].type.tensor_type.shape.dim, (1, 1, *shape), strict=True
    ):
        dimension.dim_value = size
    graph = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    sizes = {
        value.name: [each.dim_value for each in value.type.tensor_type.shape.dim]
        for value in (*graph.input, *graph.value_info, *graph.output)
    } | {weight.name: list(weight.dims) for weight in graph.initializer}
    multiplications = 0
    for node in graph.node:
        if node.op_type == "Conv":
            multiplications += math.prod(sizes[node.output[0]] + sizes[node.input[1]][1:])
        elif node.op_type == "ConvTranspose":
            multiplications += math.prod(sizes[node.input[0]] + sizes[node.input[1]][1:])
        elif node.op_type in ("Gemm", "MatMul"):
            multiplications += math.prod(sizes[node.output[0]]) * max(sizes[node.input[0]][-1], 1)
    return 2 * multiplications / 1e9


def _row(name: str, method: str, summary: Summary, recognized: Any, cost: dict[str, Any]) -> Row:
    metrics = summary.metrics[method]
    none = {"steps": None, "million_weights": 0.0, "gflops": None, "cpu_ms": 0.0}
    return Row(
        name=name,
        **(none | cost),
        ciede2000=metrics.ciede2000,
        under_gray=1 - metrics.ciede2000 / summary.metrics[GRAY].ciede2000,
        psnr_db=metrics.psnr_db,
        ssim=metrics.ssim,
        colorfulness=metrics.colorfulness,
        frechet_lite0=recognized[method].frechet_lite0,
        agreement=recognized[method].agreement,
    )


def _print_table(rows: list[Row], true_colorfulness: float) -> None:
    print(
        "| model | steps | weights, M | GFLOPs | CPU ms | CIEDE2000 | under gray | PSNR dB | SSIM "
        f"| colourfulness (truth {true_colorfulness:.1f}) | Frechet, Lite0 | same as the truth |"
    )
    print("| --- |" + " ---: |" * 11)
    for row in rows:
        cost = ["", "", "", ""]
        if row.million_weights:
            cost = [
                "" if row.steps is None else f"{row.steps:,}",
                f"{row.million_weights:.2f}",
                "" if row.gflops is None else f"{row.gflops:.2f}",
                f"{row.cpu_ms:.1f}",
            ]
        frechet = "" if row.frechet_lite0 is None else f"{row.frechet_lite0:.1f}"
        print(
            f"| {row.name} | {' | '.join(cost)} | {row.ciede2000:.2f} | {row.under_gray:.1%} "
            f"| {row.psnr_db:.2f} | {row.ssim:.3f} | {row.colorfulness:.1f} | {frechet} "
            f"| {row.agreement:.0%} |"
        )


def _write_sheet(pictures: dict[str, list[ScoredPhoto]], path: Path) -> None:
    names = list(pictures)
    first = pictures[names[0]]
    rows: list[tuple[str, list[NDArray[np.uint8] | None]]] = []
    for number, photo in enumerate(first):
        colored = [pictures[name][number].colored[MODEL] for name in names]
        rows.append(("", [photo.colored[GRAY], *colored, photo.true_u8]))
    write_contact_sheet(rows, path, ["gray", *names, "truth"], cell_height=150)


if __name__ == "__main__":
    main()
