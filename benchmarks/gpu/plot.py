"""The findings of `check` as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GOAL: Final = 0.85  # of the bandwidth of a copy
STAGES: Final = ("read", "preprocess", "infer", "recolor", "write")


def drawn(report: Mapping[str, Any], path: Path) -> bool:
    """Draw kernels, runtimes, and the engine beside its stages; False without matplotlib."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  # optional
    except ModuleNotFoundError:
        return False
    results = {part["name"]: part["results"] for part in report["parts"]}
    figure = Figure(figsize=(14, 5.5), layout="constrained")
    figure.suptitle(f"gpu-check: {report['gpu']}, {report['cores']} cores, {report['date'][:10]}")
    kernels, runtimes, whole = figure.subplots(1, 3)
    _draw_kernels(kernels, results.get("kernels"))
    _draw_runtimes(
        runtimes, {name: results.get(name) for name in ("tensorrt", "onnxruntime", "torch")}
    )
    _draw_whole(whole, results.get("end-to-end"))
    figure.savefig(path, dpi=110)
    return True


def _draw_kernels(axes: Axes, results: Mapping[str, Any] | None) -> None:
    axes.set_title("Kernels: bandwidth over that of a copy")
    if results is None:
        _say_nothing(axes)
        return
    rows = [row for row in results["results"] if row["name"] != "copy"][::-1]
    shares = [row["share_of_copy"] for row in rows]
    colors = ["#54a24b" if share >= GOAL else "#f2a03d" for share in shares]
    axes.barh([row["name"] for row in rows], shares, color=colors)
    axes.axvline(GOAL, color="black", linestyle="--", linewidth=1)
    for place, row in enumerate(rows):
        text = f"{row['share_of_copy']:.0%}, {row['gigabytes_per_second']:.0f} GB/s"
        axes.annotate(text, (0.02, place), va="center", color="white", fontsize="small")
    axes.set_xlim(0, max(1.0, *shares))


def _draw_runtimes(axes: Axes, runtimes: Mapping[str, Mapping[str, Any] | None]) -> None:
    axes.set_title("The network alone: images a second")
    there = {name: rate for name, rate in runtimes.items() if rate is not None}
    if not there:
        _say_nothing(axes)
        return
    heights = [rate["images_per_second"] for rate in there.values()]
    spread = [
        [rate["images_per_second"] - rate["slowest"] for rate in there.values()],
        [rate["fastest"] - rate["images_per_second"] for rate in there.values()],
    ]
    axes.bar(list(there), heights, yerr=spread, capsize=4, color="#4c78a8")
    for place, (height, rate) in enumerate(zip(heights, there.values(), strict=True)):
        busy = "" if rate["gpu_busy"] is None else f"\nGPU busy {rate['gpu_busy']:.0%}"
        axes.annotate(f"{height:.0f}{busy}", (place, height / 2), ha="center", color="white")
    axes.set_ylim(0)


def _draw_whole(axes: Axes, results: Mapping[str, Any] | None) -> None:
    axes.set_title("Images/s: stages alone, and the engine")
    if results is None:
        _say_nothing(axes)
        return
    runs = results["runs"]
    width = 0.8 / len(STAGES)
    for number, stage in enumerate(STAGES):
        rates = [run["stages"][number]["images_per_second"] for run in runs]
        places = [place + (number - 2) * width for place in range(len(runs))]
        axes.bar(places, rates, width, label=stage)
    names = []
    for place, run in enumerate(runs):
        rate, busy = (run["end_to_end"][name] for name in ("images_per_second", "gpu_busy"))
        axes.hlines(rate, place - 0.45, place + 0.45, colors="black", linewidth=2)
        told = "" if busy is None else f", GPU {busy:.0%} busy"
        names.append(f"{run['pictures']}\n{rate:.3g}/s{told}")
    axes.set_xticks(range(len(runs)), names)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.legend(fontsize="x-small")


def _say_nothing(axes: Axes) -> None:
    axes.text(0.5, 0.5, "not measured", ha="center", va="center", transform=axes.transAxes)
    axes.set_axis_off()
