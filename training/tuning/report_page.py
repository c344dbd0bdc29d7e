"""A study as one HTML page that loads nothing."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import optuna
from markupsafe import Markup

from ...engine.pages.drawing import svg_of
from ...engine.pages.page import html_page
from ...engine.pages.table import Table
from .search_space import SearchSpace, shown
from .study_report import StudyReport, TrialReport

if TYPE_CHECKING:
    from optuna.importance import BaseImportanceEvaluator


def report_page(
    report: StudyReport,
    space: SearchSpace,
    study: optuna.Study,
    evaluator: BaseImportanceEvaluator,
) -> str:
    """Write the page: the best trial, Optuna's charts, and every trial.

    Parameters
    ----------
    report
        Of any number of trials.
    space
        What was varied.
    study
        That the report is of; it is drawn.
    evaluator
        Of what the loss depends on.
    """
    best = report.best_trial
    return html_page(
        "training/tuning/report.html.j2",
        report=report,
        counts=Counter({"complete": 0, "pruned": 0, "failed": 0})
        + Counter(trial.state for trial in report.trials),
        best=None if best is None else _best(best),
        charts=[] if best is None else list(_charts(report, space, study, evaluator)),
        trials=_trials(report, list(space.domains)),
    )


def _charts(
    report: StudyReport,
    space: SearchSpace,
    study: optuna.Study,
    evaluator: BaseImportanceEvaluator,
) -> Iterator[Markup]:
    from optuna.visualization import matplotlib as charts  # noqa: PLC0415  # slow to import

    keys = list(space.domains)
    yield _drawn(lambda: charts.plot_intermediate_values(study))
    yield _drawn(lambda: charts.plot_optimization_history(study, target_name="val_loss"))
    if report.importance:
        yield _drawn(lambda: charts.plot_param_importances(study, evaluator=evaluator))
    for key in keys:
        yield _drawn(partial(charts.plot_slice, study, [key], target_name="val_loss"))


def _drawn(chart: Callable[[], Any]) -> Markup:
    """Draw one of Optuna's charts, which are experimental by its own words."""
    from matplotlib import pyplot as plt  # noqa: PLC0415  # slow to import

    with plt.rc_context({"svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure = chart().get_figure()
        try:
            return svg_of(figure)
        finally:
            plt.close(figure)


def _best(best: TrialReport) -> Table:
    rows = tuple((key, shown(value)) for key, value in best.parameters.items())
    return Table(title="", header=(), rows=rows)


def _trials(report: StudyReport, keys: Sequence[str]) -> Table:
    names = (key.rpartition(".")[2] for key in keys)
    rows = tuple(
        (
            str(trial.number),
            trial.state,
            "" if trial.loss is None else f"{trial.loss:.4f}",
            *(shown(trial.parameters[key]) if key in trial.parameters else "" for key in keys),
            f"{trial.seconds:.0f}",
            trial.error,
        )
        for trial in report.trials
    )
    numbers = [trial.number for trial in report.trials]
    return Table(
        title="",
        header=("trial", "", "val_loss", *names, "seconds", "note"),
        rows=rows,
        words=2,
        marked=-1 if report.best is None else numbers.index(report.best),
    )
