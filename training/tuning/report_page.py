"""A study as one HTML page that loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from .search_space import Choices, Range, SearchSpace, shown
from .study_report import StudyReport, TrialReport
from .svg_chart import Series, svg_chart

BEST_COLOR: Final = "#d62728"
COLORS: Final = {"complete": "#1f5fa8", "pruned": "#b9b9b9", "failed": "#b9b9b9"}

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
.charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)) }
svg { height: auto; width: 100% }
svg text { font-size: 12px }
.frame, .line { fill: none }
.frame, .tick { stroke: #888 }
.grid { stroke: #ddd }
.line { stroke: currentColor; stroke-width: 1.5 }
.dot { fill: currentColor; fill-opacity: .75 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0 2rem }
th, td { border-bottom: 1px solid #ddd; padding: .15rem .7rem; text-align: right }
.word { text-align: left }
.best td { color: #d62728; font-weight: 600 }
.bar { background: #1f5fa8; display: inline-block; height: .7em }
code { background: #f3f3f3; padding: .1em .3em }
"""


def report_page(report: StudyReport, space: SearchSpace) -> str:
    """Write the page: the best trial, what mattered, charts, and every trial.

    Parameters
    ----------
    report
        Of any number of trials.
    space
        What was varied.
    """
    counts = dict.fromkeys(COLORS, 0)
    for trial in report.trials:
        counts[trial.state] += 1
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>colorize-train tune: {escape(report.family)}</title>
<style>{_STYLE}</style>
<h1>{escape(report.family)}: {len(report.trials)} trials</h1>
<p>{counts["complete"]} complete, {counts["pruned"]} stopped because others were better at the same
share of their run, {counts["failed"]} failed. The lowest <code>val_loss</code> counts.</p>
{_best(report.best_trial)}
{_importance(report)}
{_charts(report, space)}
<h2>Trials</h2>
{_table(report, list(space.domains))}
</html>
"""


def _best(best: TrialReport | None) -> str:
    if best is None:
        return "<p>No trial came to its end.</p>"
    rows = "".join(
        f'<tr><td class="word">{escape(key)}</td><td>{shown(value)}</td></tr>'
        for key, value in best.parameters.items()
    )
    return (
        f"<h2>Best: trial {best.number}, val_loss {best.loss:.4f}</h2><table>{rows}</table>"
        "<p>Its recipe is <code>best.toml</code>: "
        "<code>colorize-train run best.toml --data CACHE --out DIR</code></p>"
    )


def _importance(report: StudyReport) -> str:
    rows = "".join(
        f'<tr><td class="word">{escape(key)}</td><td>{share:.0%}</td>'
        f'<td class="word"><span class="bar" style="width:{share * 20:.2f}rem"></span></td></tr>'
        for key, share in report.importance.items()
    )
    return f"<h2>What the loss depends on</h2><table>{rows}</table>" if rows else ""


def _charts(report: StudyReport, space: SearchSpace) -> str:
    # The best one is drawn last, on top.
    trials = sorted(report.trials, key=lambda trial: (trial.number == report.best, trial.number))
    curves = [
        Series(points=trial.curve, color=_color(trial, report), line=True, label=_named(trial))
        for trial in trials
        if trial.curve
    ]
    measured = [trial for trial in trials if trial.loss is not None]
    if not curves or not measured:
        return ""
    charts = [
        svg_chart(curves, x_title="step", y_title="val_loss"),
        svg_chart(
            [_dot(trial, trial.number, report) for trial in measured],
            x_title="trial", y_title="lowest val_loss",
        ),
    ]  # fmt: skip
    for key, domain in space.domains.items():
        words = [shown(each) for each in domain.choices] if isinstance(domain, Choices) else []
        dots = [_dot(trial, _place(trial, key, words), report) for trial in measured]
        log_x = isinstance(domain, Range) and domain.log
        charts.append(
            svg_chart(dots, x_title=key, y_title="lowest val_loss", log_x=log_x, x_words=words)
        )
    legend = "Red: the best. Blue: complete. Gray: stopped because others were better, or failed."
    return f'<h2>Charts</h2><p>{legend}</p><div class="charts">{"".join(charts)}</div>'


def _dot(trial: TrialReport, x: float, report: StudyReport) -> Series:
    assert trial.loss is not None
    return Series(points=((x, trial.loss),), color=_color(trial, report), label=_named(trial))


def _place(trial: TrialReport, key: str, words: Sequence[str]) -> float:
    value = trial.parameters[key]
    return words.index(shown(value)) if words else float(value)


def _color(trial: TrialReport, report: StudyReport) -> str:
    return BEST_COLOR if trial.number == report.best else COLORS[trial.state]


def _named(trial: TrialReport) -> str:
    values = ", ".join(f"{key} = {shown(value)}" for key, value in trial.parameters.items())
    return f"trial {trial.number}, {trial.state}: {values}"


def _table(report: StudyReport, keys: Sequence[str]) -> str:
    header = ["trial", "", "val_loss", *(key.rpartition(".")[2] for key in keys), "seconds", "note"]
    rows = [f"<tr>{''.join(f'<th>{escape(title)}</th>' for title in header)}</tr>"]
    for trial in report.trials:
        cells = [
            str(trial.number),
            trial.state,
            "" if trial.loss is None else f"{trial.loss:.4f}",
            *(shown(trial.parameters[key]) if key in trial.parameters else "" for key in keys),
            f"{trial.seconds:.0f}",
            trial.error,
        ]
        mark = ' class="best"' if trial.number == report.best else ""
        rows.append(f"<tr{mark}>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
    return f"<table>{''.join(rows)}</table>"
