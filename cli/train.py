"""`colorize-train`: photographs into a cache, a cache into a model, and how good the model is."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from ..chosen_model import ChosenModel, choose_model
from ..errors import MissingDependencyError, UsageError
from ..extras import needs_extra
from .engine_building import open_with_display
from .evaluation_report import print_table, report_tables, write_sheet
from .options import Cache, CheckpointOut
from .reporting import console, run_app

if TYPE_CHECKING:
    from ..training.callbacks.progress import RunProgress
    from ..training.callbacks.tensorboard_log import TensorBoardLog
    from ..training.evaluation.recognition import Recognition
    from ..training.evaluation.scores import PhotoScore, ScoredPhoto
    from ..training.tuning.study_report import TrialReport

LINE_EVERY_S: Final = 10.0
SHEET_ROWS: Final = 60

EPILOG: Final = """
[bold]From photographs to a model[/bold]

colorize-train data prepare photos/ more.tar cache/

colorize-train run lite --data cache/ --out runs/lite

colorize-train run pix2pix --smoke --data cache/ --out runs/trial

colorize-train soup runs/lite/last.ckpt runs/lite-2/last.ckpt --out soup.ckpt

colorize-train tune mse-cnn --data cache/ --out runs/tuned --trials 20

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
        typer.Argument(
            metavar="SOURCES...", help="Folders, quoted globs, pictures, tars, shards, cifar10."
        ),
    ],
    cache: Annotated[Path, typer.Argument(metavar="CACHE", help="A folder; made if missing.")],
    short_side: Annotated[int, typer.Option(help="Larger photographs are reduced to it.")] = 288,
    compact: Annotated[
        bool,
        typer.Option(
            "--compact",
            help="Keep them as JPEG or WebP: a twentieth of the space, 2 ms more a crop.",
        ),
    ] = False,
) -> None:
    """Read photographs once into a cache, small and upright, so that training need not."""
    from ..training.dataset.prepare import prepare as prepare_cache

    photos = prepare_cache(
        sources,
        cache,
        short_side=short_side,
        compact=compact,
        on_skip=_warn,
        on_photo=CountLines(),
    )
    print(f"{len(photos)} photographs -> {cache}")


@app.command()
def run(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A .toml file, or the name of a shipped recipe.")
    ],
    data: Cache,
    out: Annotated[Path, typer.Option(metavar="DIR", help="For the checkpoint and metrics.")],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from DIR's checkpoint, if there is one.")
    ] = False,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Train for so many steps, not the recipe's.")
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="CKPT", help="Train the network of this checkpoint further."
        ),
    ] = None,
    leave_out: Annotated[
        str | None,
        typer.Option(metavar="K/N", help="Train without part K, from 0, of N of the photographs."),
    ] = None,
    smoke: Annotated[
        bool, typer.Option("--smoke", help="A run of under a minute that shows that it works.")
    ] = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Losses and pictures, in DIR/tensorboard.")
    ] = False,
) -> None:
    """Train a model as a recipe says; a run that was stopped resumes exactly."""
    with needs_extra("train"):
        from ..training import trainer
        from ..training.recipe import read_recipe, recipe_file

    chosen = read_recipe(recipe_file(recipe))
    if smoke:
        chosen = chosen.for_smoke()
    if steps is not None:
        chosen = chosen.with_steps(steps)
    if leave_out is not None:
        chosen = chosen.leaving_out(*_fold(leave_out))
    progress = ProgressLines()
    watchers = [_tensorboard_log(out)] if tensorboard else []
    checkpoint = trainer.run(
        chosen, data, out, resume=resume, start=start, on_progress=progress, callbacks=watchers
    )
    progress.finish()
    print(f"{recipe} -> {checkpoint}")


@app.command()
def soup(
    checkpoints: Annotated[
        list[Path],
        typer.Argument(
            metavar="CKPT...", help="Trained further from one another; named twice weighs twice."
        ),
    ],
    out: CheckpointOut,
) -> None:
    """Average the weights of checkpoints: better than each, at the cost of one."""
    with needs_extra("train"):
        from ..training.soup import average_checkpoints

    average_checkpoints(checkpoints, out)
    print(f"{len(checkpoints)} checkpoints -> {out}")


@app.command()
def renorm(
    checkpoint: Annotated[Path, typer.Argument(metavar="CKPT", help="Of run or soup.")],
    data: Cache,
    out: CheckpointOut,
    photos: Annotated[int, typer.Option(help="How many photographs to measure on.")] = 720,
) -> None:
    """Measure a network's batch norms anew, on whole photographs: nearer colours, at no cost."""
    with needs_extra("train"):
        from ..training.renorm import remeasure_norms

    norms = remeasure_norms(checkpoint, data, out, photos=photos)
    print(f"{checkpoint} -> {out}; {norms} norms measured on {photos} photographs")


@app.command()
def tune(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A .toml file, or the name of a shipped recipe.")
    ],
    data: Cache,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="For the trials and the report; goes on, if begun.")
    ],
    trials: Annotated[int, typer.Option(min=1, help="Of the whole study.")] = 20,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Of the longest run; by default the recipe's.")
    ] = None,
    search: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A .toml file of what to vary; needed for all families but mse-cnn.",
        ),
    ] = None,
) -> None:
    """Find the hyper-parameters that a recipe learns best with."""
    with needs_extra("train"):
        from ..training.recipe import read_recipe, recipe_file
        from ..training.tuning.search_space import SearchSpace
        from ..training.tuning.tune import BEST_RECIPE_NAME, REPORT_NAME
        from ..training.tuning.tune import tune as search_for_best

    chosen = read_recipe(recipe_file(recipe))
    if steps is not None:
        chosen = chosen.with_steps(steps)
    if search is not None:
        space = SearchSpace.read(search)
    elif chosen.model.family == "mse-cnn":
        space = SearchSpace.of_mse_cnn(chosen.steps)
    else:
        raise UsageError(
            f"family {chosen.model.family!r}: expected --search FILE.toml, what to vary; "
            "only mse-cnn has a search of its own"
        )
    report = search_for_best(chosen, data, out, space, trials=trials, on_trial=_tell_trial)
    if report.best_trial is not None:
        print(f"trial {report.best}, val_loss {report.best_trial.loss:.4f}")
    print(f"{out / REPORT_NAME}, {out / BEST_RECIPE_NAME}")


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
    labels: Annotated[
        str | None,
        typer.Option(
            metavar="KIND", help="imagenet or cifar10: folders are named by what pictures show."
        ),
    ] = None,
    long_side: Annotated[int, typer.Option(help="Compare at this size at most, pixels.")] = 800,
    mean_ab: Annotated[
        str | None, typer.Option(metavar="A,B", help="The constant baseline's colour.")
    ] = None,
    recognize: Annotated[
        bool,
        typer.Option(
            "--recognize/--no-recognize", help="Ask a classifier what it makes of the pictures."
        ),
    ] = True,
    saturation: Annotated[float, typer.Option(help="As of colorize-batch.")] = 1.0,
    style: Annotated[str, typer.Option(help="As of colorize-batch.")] = "natural",
    upsample: Annotated[str, typer.Option(help="As of colorize-batch.")] = "guided",
) -> None:
    """Measure how near a model's colours come to the true ones."""
    from ..engine.pictures.look import Look
    from ..training.dataset.find_photos import find_photos
    from ..training.evaluation.evaluate import evaluate as scores_of
    from ..training.evaluation.scores import Summary

    if long_side < 32:
        raise UsageError(f"--long-side {long_side}: expected at least 32")
    look = Look(saturation=saturation, style=cast("Any", style), upsample=cast("Any", upsample))
    constant = _constant(mean_ab, data)
    recognition = _recognition(labels) if recognize or labels is not None else None
    scores: list[PhotoScore] = []
    shown: list[ScoredPhoto] = []
    with _chosen(model, device) as chosen, open_with_display(chosen) as opened:
        contract = asdict(opened.backend.contract)
        found = scores_of(
            opened.backend,
            find_photos(photos),
            look=look,
            mean_ab=constant,
            long_side=long_side,
            on_skip=_warn,
        )
        for photo in found:
            scores.append(photo.score)
            if recognition is not None:
                recognition.add(photo)
            if contact_sheet is not None and len(shown) < SHEET_ROWS:
                shown.append(photo)
    summary = Summary.of(scores)
    if contact_sheet is not None:
        write_sheet(shown, contact_sheet)
    recognized = recognition.results() if recognition is not None else {}
    if as_json:
        report = report_tables(scores, summary, recognized, contract)
        print(json.dumps(report | {"long_side": long_side, "mean_ab": constant}, indent=1))
    else:
        print_table(summary, recognized, contract["name"])


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


def _tensorboard_log(run_dir: Path) -> TensorBoardLog:
    with needs_extra("train"):
        from ..training.callbacks.tensorboard_log import TensorBoardLog
        from ..training.trainer import LOG_EVERY_STEPS, TENSORBOARD_NAME

    return TensorBoardLog(run_dir / TENSORBOARD_NAME, every=LOG_EVERY_STEPS)


def _tell_trial(trial: TrialReport) -> None:
    from ..training.tuning.search_space import shown

    values = ", ".join(
        f"{key.rpartition('.')[2]} {shown(value)}" for key, value in trial.parameters.items()
    )
    loss = "" if trial.loss is None else f" at val_loss {trial.loss:.4f}"
    line = f"trial {trial.number}: {values}: {trial.state}{loss}, {trial.seconds:.0f} s"
    console.print(f"{line}: {trial.error}" if trial.error else line, markup=False)


def _fold(text: str) -> tuple[int, int]:
    try:
        fold, folds = (int(part) for part in text.split("/"))
    except ValueError:
        raise UsageError(f"--leave-out {text!r}: expected two whole numbers, like 0/5") from None
    return fold, folds


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


def _recognition(labels: str | None) -> Recognition | None:
    """Set up the classifier; without one say so, unless labels ask for it."""
    from ..training.evaluation.labels import Labels

    known = None if labels is None else Labels(labels)
    try:
        with needs_extra("train"):
            from ..training.evaluation.recognition import Recognition
        return Recognition(known)
    except MissingDependencyError as error:
        if known is not None:
            raise
        console.print(f"left out, what a classifier makes of the colours: {error}", markup=False)
        return None


@contextmanager
def _chosen(model: str, device: str) -> Iterator[ChosenModel]:
    """Choose the model; a checkpoint is exported to a file that lasts while needed."""
    if not model.endswith(".ckpt"):
        yield choose_model(model, device)
        return
    with needs_extra("export"):
        from ..export.onnx_from_checkpoint import ExportOptions, onnx_from_checkpoint
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.onnx"
        options = ExportOptions(name=model, license="not stated", training_data="not stated")
        onnx_from_checkpoint(Path(model), path, options)
        # An engine would take minutes to build, for a file that is gone afterwards.
        yield choose_model(path, device, engines=False)
