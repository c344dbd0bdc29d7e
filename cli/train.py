"""`colorize-train`: photographs into a cache, a cache into a model, and how good the model is."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from ..errors import UsageError
from .extras import needs_extra
from .reporting import console, run_app

if TYPE_CHECKING:
    from ..training.evaluation.scores import PhotoScore, ScoredPhoto, Summary
    from ..training.progress import RunProgress

LINE_EVERY_S: Final = 10.0
SHEET_ROWS: Final = 60

EPILOG: Final = """
[bold]From photographs to a model[/bold]

colorize-train data prepare photos/ more.tar cache/

colorize-train run lite --data cache/ --out runs/lite

colorize-train run pix2pix --smoke --data cache/ --out runs/trial

colorize-train evaluate runs/lite/best.ckpt other-photos/ --data cache/ --contact-sheet sheet.jpg
"""

app = typer.Typer(
    name="colorize-train",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Train and evaluate models.",
    epilog=EPILOG,
)
data_app = typer.Typer(no_args_is_help=True, help="Prepare photographs for training.")
app.add_typer(data_app, name="data")


@data_app.command()
def prepare(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCES...", help="Folders, quoted globs, pictures, tars of them."),
    ],
    cache: Annotated[Path, typer.Argument(metavar="CACHE", help="A folder; made if missing.")],
    short_side: Annotated[int, typer.Option(help="Larger photographs are reduced to it.")] = 288,
) -> None:
    """Decode photographs once, so that training need not."""
    from ..training.dataset.prepare import prepare as prepare_cache

    photos = prepare_cache(
        sources, cache, short_side=short_side, on_skip=_warn, on_photo=CountLines()
    )
    print(f"{len(photos)} photographs -> {cache}")


@app.command()
def run(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A .toml file, or the name of a shipped recipe.")
    ],
    data: Annotated[Path, typer.Option(metavar="CACHE", help="Made by data prepare.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="For the checkpoint and metrics.")],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from DIR's checkpoint, if there is one.")
    ] = False,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Train for so many steps, not the recipe's.")
    ] = None,
    smoke: Annotated[
        bool, typer.Option("--smoke", help="A run of under a minute that shows that it works.")
    ] = False,
) -> None:
    """Train a model as a recipe says; a run that was stopped resumes exactly."""
    with needs_extra("train"):
        from ..training.recipe import read_recipe, recipe_file
        from ..training.trainer import run as train

    chosen = read_recipe(recipe_file(recipe))
    if smoke:
        chosen = chosen.for_smoke()
    if steps is not None:
        chosen = chosen.with_steps(steps)
    progress = ProgressLines()
    checkpoint = train(chosen, data, out, resume=resume, on_progress=progress)
    progress.finish()
    print(f"{recipe} -> {checkpoint}")


@app.command()
def evaluate(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A shipped model, an .onnx file, or a .ckpt of run."),
    ],
    photos: Annotated[
        list[str],
        typer.Argument(metavar="PHOTOS...", help="Colour photographs not used in training."),
    ],
    contact_sheet: Annotated[
        Path | None,
        typer.Option(help=f"Write gray | model | truth of the first {SHEET_ROWS} as .jpg or .png."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="CACHE", help="Measure the constant baseline's colour here."),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    as_json: Annotated[
        bool, typer.Option("--json", help="As JSON with every photograph's numbers.")
    ] = False,
    long_side: Annotated[int, typer.Option(help="Compare at this size at most, pixels.")] = 800,
    mean_ab: Annotated[
        str | None, typer.Option(metavar="A,B", help="The constant baseline's colour.")
    ] = None,
    saturation: Annotated[float, typer.Option(help="As of colorize-batch.")] = 1.0,
    upsample: Annotated[str, typer.Option(help="As of colorize-batch.")] = "guided",
) -> None:
    """Measure how near a model's colours come to the true ones."""
    from ..engine.backends.backend import open_backend
    from ..engine.look import Look
    from ..training.dataset.find_photos import find_photos
    from ..training.evaluation.evaluate import evaluate as scores_of
    from ..training.evaluation.scores import Summary

    if long_side < 32:
        raise UsageError(f"--long-side {long_side}: expected at least 32")
    look = Look(saturation=saturation, upsample=cast("Any", upsample))
    constant = _constant(mean_ab, data)
    scores: list[PhotoScore] = []
    shown: list[ScoredPhoto] = []
    with _onnx_file(model) as path, closing(open_backend(path, device=device)) as backend:
        contract = asdict(backend.contract)
        found = scores_of(
            backend,
            find_photos(photos),
            look=look,
            mean_ab=constant,
            long_side=long_side,
            on_skip=_warn,
        )
        for photo in found:
            scores.append(photo.score)
            if contact_sheet is not None and len(shown) < SHEET_ROWS:
                shown.append(photo)
    summary = Summary.of(scores)
    if contact_sheet is not None:
        _write_sheet(shown, contact_sheet)
    if as_json:
        print(json.dumps(_report(scores, summary, contract, constant, long_side), indent=1))
    else:
        _print_table(summary, contract["name"])


class CountLines:
    """Prints now and then how many photographs there are so far."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self._count = 0

    def __call__(self, name: str) -> None:
        """Count one more; print, if it is time."""
        self._count += 1
        if time.perf_counter() - self._last >= LINE_EVERY_S:
            self._last = time.perf_counter()
            console.print(f"{self._count} photographs, now at {name}", markup=False)


class ProgressLines:
    """Prints a line after every validation, and now and then between."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self._validation: float | None = None
        self._steps_left = 0

    def __call__(self, progress: RunProgress) -> None:
        """Print, if it is time."""
        self._steps_left = progress.steps - progress.step
        validated = progress.validation_share != self._validation
        if not validated and time.perf_counter() - self._last < LINE_EVERY_S:
            return
        self._last, self._validation = time.perf_counter(), progress.validation_share
        parts = [f"step {progress.step} of {progress.steps}", f"loss {progress.loss:.3f}"]
        if progress.validation_share is not None:
            parts.append(f"held-out loss {progress.validation_share:.1%} of gray's")
        left_s = self._steps_left / max(progress.steps_per_second, 1e-9)
        parts.append(f"{progress.steps_per_second:.2f} steps/s, {left_s / 60:.0f} min left")
        console.print(", ".join(parts), markup=False)

    def finish(self) -> None:
        """Say why, if the run ended before its last step."""
        if self._steps_left:
            console.print(
                f"stopped {self._steps_left} steps early: validations no longer got better "
                "(trainer.patience)",
                markup=False,
            )


def main() -> None:
    """Entry point of `colorize-train`."""
    run_app(app)


def _warn(name: str, reason: str) -> None:
    console.print(f"skipped: {name}: {reason}", markup=False)


def _constant(text: str | None, cache: Path | None) -> tuple[float, float] | None:
    if text is not None:
        try:
            a, b = (float(part) for part in text.split(","))
        except ValueError:
            raise UsageError(f"--mean-ab {text!r}: expected two numbers, like 3.5,9.2") from None
        return a, b
    if cache is None:
        return None
    from ..training.dataset.photo_cache import PhotoCache
    from ..training.evaluation.mean_color import mean_ab

    return mean_ab(PhotoCache(cache))


@contextmanager
def _onnx_file(model: str) -> Iterator[Path]:
    """Give the model's ONNX file; a checkpoint is exported to one that lasts while needed."""
    if not model.endswith(".ckpt"):
        from ..engine.model_files import model_file

        yield model_file(model)
        return
    with needs_extra("export"):
        from ..export.onnx_from_checkpoint import ExportOptions, onnx_from_checkpoint
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.onnx"
        options = ExportOptions(name=model, license="not stated", training_data="not stated")
        onnx_from_checkpoint(Path(model), path, options)
        yield path


def _write_sheet(photos: list[ScoredPhoto], path: Path) -> None:
    from ..engine.contact_sheet import write_contact_sheet

    rows = []
    for photo in photos:
        model, gray = (photo.score.metrics[name].ciede2000 for name in ("model", "gray"))
        caption = f"{photo.score.name}: CIEDE2000 {model:.1f}, gray {gray:.1f}"
        rows.append((caption, [photo.gray_u8, photo.model_u8, photo.true_u8]))
    write_contact_sheet(rows, path, ["gray", "model", "truth"], across=2)


def _report(
    scores: list[PhotoScore],
    summary: Summary,
    contract: dict[str, Any],
    constant: tuple[float, float] | None,
    long_side: int,
) -> dict[str, Any]:
    return {
        "model": contract,
        "photos": summary.photos,
        "long_side": long_side,
        "mean_ab": constant,
        "true_colorfulness": summary.true_colorfulness,
        "means": {method: asdict(metrics) for method, metrics in summary.metrics.items()},
        "gain_over": {
            method: summary.gain_over(method) for method in summary.metrics if method != "model"
        },
        "each": [
            {
                "name": score.name,
                "true_colorfulness": score.true_colorfulness,
                **{method: asdict(metrics) for method, metrics in score.metrics.items()},
            }
            for score in scores
        ],
    }


def _print_table(summary: Summary, model_name: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{model_name} on {summary.photos} photographs", title_justify="left")
    for title in ("", "CIEDE2000", "model is better by", "PSNR dB", "colourfulness"):
        table.add_column(title, justify="right" if title else "left")
    for method, metrics in summary.metrics.items():
        table.add_row(
            {"gray": "left gray", "constant": "one colour"}.get(method, method),
            f"{metrics.ciede2000:.2f}",
            "" if method == "model" else f"{summary.gain_over(method):.1%}",
            f"{metrics.psnr_db:.2f}",
            f"{metrics.colorfulness:.1f}",
        )
    table.add_row("truth", "0", "", "", f"{summary.true_colorfulness:.1f}")
    Console(highlight=False).print(table)
