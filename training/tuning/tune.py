"""`colorize-train tune`: trials of a recipe, each with other hyper-parameters; resumes."""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import optuna
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from ...engine.atomic_write import write_atomically
from ...errors import DatasetError, ModelError, UsageError, first_line
from ..callbacks.metrics_log import validation_curve
from ..recipe import Recipe
from ..recipe_toml import toml_from_recipe
from ..trainer import METRICS_NAME, run
from .pruning import VALIDATIONS, Pruning
from .report_page import report_page
from .search_space import SearchSpace, Value, applied
from .study_report import StudyReport, TrialReport
from .study_report import TrialState as ReportedState

STUDY_NAME: Final = "study.db"
REPORT_NAME: Final = "report.html"
NUMBERS_NAME: Final = "report.json"
BEST_RECIPE_NAME: Final = "best.toml"
# Until so many are complete none is stopped early, and no key has an importance.
FIRST_TRIALS: Final = 5
# Of `VALIDATIONS`: at earlier ones none is stopped.
FIRST_SHARES: Final = 3

# What a trial remembers beside its values. One without its seconds was cut short.
RUN_KEY: Final = "run"
ERROR_KEY: Final = "error"
CURVE_KEY: Final = "curve"
SECONDS_KEY: Final = "seconds"
QUESTION_KEY: Final = "question"

REPORTED: Final[dict[TrialState, ReportedState]] = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}


def tune(
    recipe: Recipe,
    cache_dir: Path,
    out_dir: Path,
    space: SearchSpace,
    *,
    trials: int,
    on_trial: Callable[[TrialReport], None] = lambda _trial: None,
) -> StudyReport:
    """Search for the parameters with the lowest `val_loss`.

    Every trial is a run of its own under `out_dir`, with the recipe's own early stopping; it is
    stopped, too, when its loss is above the median of earlier trials at the same share of their
    run. What
    was tried is kept in `out_dir/study.db`: the same call goes on where the last one was stopped,
    also within a trial.

    Parameters
    ----------
    recipe
        What is varied.
    cache_dir, out_dir
        The photographs, and where everything goes.
    space
        What is varied, and how far.
    trials
        Of the whole study, those of earlier calls included.
    on_trial
        Called after each trial.

    Returns
    -------
    StudyReport
        Of all trials; it is also written as `report.json` and `report.html`, and the best
        trial's recipe as `best.toml`.

    Raises
    ------
    UsageError
        A key or limit of the search does not fit the recipe; or the folder's study has another
        recipe or search; or no trial came to its end.
    DatasetError
        There is no usable cache, the study cannot be kept, or the disk is full.
    UnwritableError
        The report cannot be written.
    MissingDependencyError
        Public weights that the recipe starts from cannot be had.
    KeyboardInterrupt
        The search was stopped by a signal; it can be resumed.
    """
    space.check(recipe)
    with _study(recipe, space, out_dir) as study:
        report = _written_report(study, recipe, space, out_dir)
        while len(report.trials) < trials:
            # A trial of a resumed study must not draw what the first one drew.
            seed = recipe.trainer.seed + len(study.trials)
            study.sampler = optuna.samplers.TPESampler(n_startup_trials=FIRST_TRIALS, seed=seed)
            number = _run_trial(study, recipe, cache_dir, out_dir, space)
            report = _written_report(study, recipe, space, out_dir)
            on_trial(next(trial for trial in report.trials if trial.number == number))
    if report.best is None:
        reasons = [trial.error for trial in report.trials if trial.error]
        raise UsageError(
            f"{out_dir}: none of {len(report.trials)} trials came to its end; the first error: "
            f"{reasons[0] if reasons else 'none'}"
        )
    return report


def _run_trial(
    study: optuna.Study, recipe: Recipe, cache_dir: Path, out_dir: Path, space: SearchSpace
) -> int:
    """Run the next trial; give its number."""
    started = time.perf_counter()
    trial = study.ask()
    run_dir = out_dir / trial.user_attrs.get(RUN_KEY, f"trial-{trial.number:04}")
    trial.set_user_attr(RUN_KEY, run_dir.name)
    metrics = run_dir / METRICS_NAME
    state, loss = TrialState.FAIL, None
    try:
        chosen = _trial_recipe(recipe, space.suggested(trial))
        pruning = Pruning(trial, chosen.steps, known=validation_curve(metrics))
        run(chosen, cache_dir, run_dir, resume=True, callbacks=[pruning])
        state, loss = TrialState.COMPLETE, min(value for _, value in validation_curve(metrics))
    except optuna.TrialPruned:
        state = TrialState.PRUNED
    # A network too large for the memory is a RuntimeError of PyTorch's.
    except (UsageError, ModelError, RuntimeError) as error:
        trial.set_user_attr(ERROR_KEY, first_line(error))
    curve = [point for point in validation_curve(metrics) if math.isfinite(point[1])]
    trial.set_user_attr(CURVE_KEY, curve)
    trial.set_user_attr(SECONDS_KEY, round(time.perf_counter() - started, 1))
    study.tell(trial, loss, state=state)
    return trial.number


def _trial_recipe(recipe: Recipe, values: Mapping[str, Value]) -> Recipe:
    """Apply the values; validate at equal shares of the run, so that trials compare."""
    chosen = applied(recipe, values)
    epoch_steps = math.ceil(chosen.steps / VALIDATIONS)
    return replace(chosen, trainer=replace(chosen.trainer, epoch_steps=epoch_steps))


@contextlib.contextmanager
def _study(recipe: Recipe, space: SearchSpace, out_dir: Path) -> Iterator[optuna.Study]:
    """Open a folder's study, or begin it; a trial that was cut short waits to be gone on with."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path = out_dir / STUDY_NAME
    question = json.loads(json.dumps({"recipe": asdict(recipe), "search": space.to_tables()}))
    storage = None
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
        study = optuna.create_study(
            storage=storage,
            study_name="tune",
            direction="minimize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(FIRST_TRIALS, n_warmup_steps=FIRST_SHARES),
        )
        if study.user_attrs.setdefault(QUESTION_KEY, question) != question:
            raise UsageError(
                f"{path}: begun with another recipe, number of steps or search; "
                "go on with those, or name another folder"
            )
        study.set_user_attr(QUESTION_KEY, question)
        for trial in study.get_trials(states=(TrialState.RUNNING,)):
            study.tell(trial.number, state=TrialState.FAIL)
            run_name = trial.user_attrs.get(RUN_KEY)
            if run_name is not None and trial.params:
                study.enqueue_trial(trial.params, user_attrs={RUN_KEY: run_name})
        yield study
    except (SQLAlchemyError, OSError) as error:
        raise DatasetError(f"{path}: cannot keep the study: {first_line(error)}") from error
    finally:
        if storage is not None:
            storage.remove_session()
            storage.engine.dispose()


def _ended(study: optuna.Study) -> list[FrozenTrial]:
    return [
        trial
        for trial in study.get_trials(deepcopy=False, states=tuple(REPORTED))
        if SECONDS_KEY in trial.user_attrs
    ]


def _written_report(
    study: optuna.Study, recipe: Recipe, space: SearchSpace, out_dir: Path
) -> StudyReport:
    """Sum up, and replace the files of the folder."""
    ended = _ended(study)
    complete = [trial for trial in ended if trial.state == TrialState.COMPLETE]
    best = min(complete, key=lambda trial: trial.value or 0.0, default=None)
    importance = {}
    evaluator = PedAnovaImportanceEvaluator()
    if len(complete) >= FIRST_TRIALS:
        importance = get_param_importances(study, evaluator=evaluator)
    report = StudyReport(
        family=recipe.model.family,
        trials=tuple(map(_trial_report, ended)),
        best=None if best is None else best.number,
        importance=importance,
    )
    write_atomically(out_dir / NUMBERS_NAME, (json.dumps(asdict(report), indent=1) + "\n").encode())
    write_atomically(out_dir / REPORT_NAME, report_page(report, space, study, evaluator).encode())
    if best is not None:
        comment = f"Trial {best.number} of {len(ended)}: val_loss {best.value:.4f}."
        text = toml_from_recipe(_trial_recipe(recipe, best.params), comment)
        write_atomically(out_dir / BEST_RECIPE_NAME, text.encode())
    return report


def _trial_report(trial: FrozenTrial) -> TrialReport:
    curve = tuple((step, loss) for step, loss in trial.user_attrs[CURVE_KEY])
    lowest = min((loss for _, loss in curve), default=None)
    return TrialReport(
        number=trial.number,
        state=REPORTED[trial.state],
        parameters=trial.params,
        loss=None if trial.state == TrialState.FAIL else lowest,
        curve=curve,
        seconds=trial.user_attrs[SECONDS_KEY],
        run=trial.user_attrs[RUN_KEY],
        error=trial.user_attrs.get(ERROR_KEY, ""),
    )
