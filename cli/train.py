"""`colorize-train`: photographs into a cache, a cache into a model, and how good the model is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ..errors import UsageError
from ..extras import needs_extra
from .options import Cache, CheckpointOut, Debug
from .reporting import console, print_skipped, run_app
from .train_evaluate import evaluate

if TYPE_CHECKING:
    from ..training.callbacks.progress import RunProgress
    from ..training.callbacks.tensorboard_log import TensorBoardLog
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
    epilog=EPILOG,
)


@app.callback()
def train(debug: Debug = False) -> None:
    """Train and evaluate models."""
    del debug


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
        on_skip=print_skipped,
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
        str | None,
        typer.Option(
            "--from",
            metavar="CKPT",
            help="Train the network of this checkpoint further; lite is the shipped one.",
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
        from ..training.recipe_file import read_recipe, recipe_file
        from ..training.shipped_weights import weights_file

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
        chosen,
        data,
        out,
        resume=resume,
        start=None if start is None else weights_file(start),
        on_progress=progress,
        callbacks=watchers,
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
def weights(
    checkpoint: Annotated[Path, typer.Argument(metavar="CKPT", help="Of run or soup.")],
    output: Annotated[Path, typer.Argument(metavar="OUT.safetensors", help="Replaced.")],
) -> None:
    """Write a network's weights as safetensors, as the shipped ones are; --from takes them."""
    with needs_extra("train"):
        from ..training.shipped_weights import write_weights

    write_weights(checkpoint, output)
    print(f"{checkpoint} -> {output}")


@app.command(name="reestimate-batchnorm")
@app.command(name="renorm", hidden=True)  # its name before 0.2.0
def reestimate_batchnorm(
    checkpoint: Annotated[Path, typer.Argument(metavar="CKPT", help="Of run or soup.")],
    data: Cache,
    out: CheckpointOut,
    photos: Annotated[int, typer.Option(help="How many photographs to measure on.")] = 720,
) -> None:
    """Estimate a network's BatchNorm statistics again, on whole photographs: nearer colours."""
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
        from ..training.recipe_file import read_recipe, recipe_file
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


app.command()(evaluate)


def main() -> None:
    """Entry point of `colorize-train`."""
    run_app(app)


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
