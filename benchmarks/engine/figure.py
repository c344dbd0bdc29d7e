"""A report drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from ...errors import MissingDependencyError
from .growth import Growth
from .report import Report
from .run_report import RunReport
from .stage_rates import STAGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_RUNS: Final = 12
_STAGE_COLORS: Final = ("#4c78a8", "#72b7b2", "#e45756", "#f2a03d", "#54a24b")
_LATENCY_COLORS: Final[Mapping[str, str]] = {"p50": "#c6dbef", "p95": "#6baed6", "p99": "#2171b5"}


def draw(report: Report, figure: Figure) -> None:
    """Draw throughput, CPU time, latency and growth.

    Parameters
    ----------
    report
        Of its runs those of the largest count are drawn, the first twelve.
    figure
        From `blank_figure`; the caller saves it.
    """
    largest = max(run.count for run in report.runs)
    runs = [run for run in report.runs if run.count == largest][:_MOST_RUNS]
    figure.suptitle(
        f"colorize-bench: {report.model}, {report.machine.cpu}, {report.machine.cores} cores, "
        f"{report.date[:10]}"
    )
    (rates, cpu), (latency, growth) = figure.subplots(2, 2)
    _draw_rates(rates, runs)
    _draw_cpu(cpu, runs)
    _draw_latency(latency, runs)
    for axes in (rates, cpu, latency):
        _name_runs(axes, runs)
    _draw_growth(growth, report.growths)


def blank_figure() -> Figure:
    """A figure of 13 x 10 inches, without a window.

    Raises
    ------
    MissingDependencyError
        matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  # optional, and slow to import
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise MissingDependencyError(
            "drawing needs 'matplotlib'; pip install 'colorize-batch[bench]'"
        ) from error
    return Figure(figsize=(13, 10), layout="constrained")


def _draw_rates(axes: Axes, runs: Sequence[RunReport]) -> None:
    axes.set_title("Images a second: each stage alone, and the engine")
    places = np.arange(len(runs))
    width = 0.8 / len(STAGES)
    for number, (name, color) in enumerate(zip(STAGES, _STAGE_COLORS, strict=True)):
        heights = [run.stages[number].images_per_second for run in runs]
        axes.bar(places + (number - 2) * width, heights, width, label=name, color=color)
    whole = [run.end_to_end.images_per_second for run in runs]
    axes.hlines(whole, places - 0.45, places + 0.45, colors="black", linewidth=2, label="engine")
    for place, rate in zip(places, whole, strict=True):
        axes.annotate(f"{rate:.3g}", (place + 0.45, rate), ha="right", va="bottom", weight="bold")
    axes.set_yscale("log")


def _draw_cpu(axes: Axes, runs: Sequence[RunReport]) -> None:
    axes.set_title("CPU ms an image, by stage")
    places = np.arange(len(runs))
    floor = np.zeros(len(runs))
    for number, (name, color) in enumerate(zip(STAGES, _STAGE_COLORS, strict=True)):
        heights = np.array([run.stages[number].cpu_ms for run in runs])
        axes.bar(places, heights, 0.6, floor, label=name, color=color)
        floor += heights
    whole = [run.end_to_end.cpu_ms for run in runs]
    axes.hlines(whole, places - 0.4, places + 0.4, colors="black", linewidth=2, label="engine")


def _draw_latency(axes: Axes, runs: Sequence[RunReport]) -> None:
    axes.set_title("Latency of an image, ms, queues included")
    places = np.arange(len(runs))
    for number, (name, color) in enumerate(_LATENCY_COLORS.items()):
        heights = [getattr(run.end_to_end.latency_ms, name) for run in runs]
        axes.bar(places + (number - 1) * 0.25, heights, 0.25, label=name, color=color)


def _draw_growth(axes: Axes, growths: Sequence[Growth]) -> None:
    axes.set_title("Growth: cost over that of the smallest run")
    for growth in growths:
        sizes = np.array(growth.sizes) / growth.sizes[0]
        (points,) = axes.plot(sizes, np.array(growth.costs) / growth.costs[0], "o", markersize=5)
        axes.plot(
            sizes,
            [growth.law.cost(size) / growth.costs[0] for size in growth.sizes],
            color=points.get_color(),
            label=f"{growth.cost} ~ {growth.over}^{growth.law.exponent:.2f}: {growth.runs}",
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.set_xlabel("images in a run, or megapixels an image, over the smallest")
    axes.grid(alpha=0.3)
    if growths:
        axes.legend(fontsize="x-small")


def _name_runs(axes: Axes, runs: Sequence[RunReport]) -> None:
    one_batch = len({run.batch for run in runs}) == 1
    names = [run.pictures if one_batch else f"{run.pictures}\nbatch {run.batch}" for run in runs]
    axes.set_xticks(range(len(runs)), names, rotation=20 if len(runs) > 4 else 0)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.legend(fontsize="small", ncols=2)
