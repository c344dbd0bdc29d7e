"""Reports as rows of text, for the terminal and for pages."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.pages.table import Table
from .comparison import differences
from .report import Report
from .run_report import RunReport
from .stage_rates import STAGES


def tables_of(report: Report) -> tuple[Table, ...]:
    """Throughput, stages and growth."""
    machine = report.machine
    busy = ("GPU busy",) if _tells_busy(report) else ()
    return (
        Table(
            title=f"{report.model} on {machine.cpu}, {machine.cores} cores; first output "
            f"{report.start_up_s:.2f} s after the command's start",
            header=(
                "pictures", "images", "batch", "images/s", "MP/s", "CPU ms/image",
                "p50, p95, p99 ms", "peak MiB", "efficiency", "of slowest stage", *busy,
            ),
            rows=tuple(_throughput_rows(report)),
        ),
        Table(
            title="Each stage alone, with the machine to itself: images/s, CPU ms/image",
            header=("pictures", "images", "batch", *STAGES),
            rows=tuple(_stage_rows(report)),
        ),
        Table(
            title="Growth: cost ~ size ^ exponent",
            header=("runs", "cost", "size", "exponent", "measured"),
            rows=tuple(_growth_rows(report)),
            words=3,
        ),
    )  # fmt: skip


def comparison_table(before: Report, after: Report) -> Table:
    """Every measure that both reports have."""
    return Table(
        title=f"{before.date} against {after.date}",
        header=("run", "measure", "before", "after", "better by"),
        rows=tuple(
            (d.run, d.measure, _number(d.before), _number(d.after), f"{d.gain:.3f} x")
            for d in differences(before, after)
        ),
        words=2,
    )


def _throughput_rows(report: Report) -> Iterator[tuple[str, ...]]:
    for run in report.runs:
        whole, latency = run.end_to_end, run.end_to_end.latency_ms
        yield (
            *_named(run),
            _number(whole.images_per_second),
            _number(whole.megapixels_per_second),
            _number(whole.cpu_ms),
            ", ".join(map(_number, (latency.p50, latency.p95, latency.p99))),
            _number(whole.peak_rss_mib),
            f"{run.efficiency.efficiency:.2f}",
            f"{run.efficiency.of_slowest_stage:.2f} ({run.efficiency.slowest_stage})",
            *((_share(whole.gpu_busy),) if _tells_busy(report) else ()),
        )


def _tells_busy(report: Report) -> bool:
    return any(run.end_to_end.gpu_busy is not None for run in report.runs)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _stage_rows(report: Report) -> Iterator[tuple[str, ...]]:
    for run in report.runs:
        yield (
            *_named(run),
            *(f"{_number(s.images_per_second)}, {_number(s.cpu_ms)}" for s in run.stages),
        )


def _named(run: RunReport) -> tuple[str, str, str]:
    return run.pictures, str(run.count), str(run.end_to_end.batch_size)


def _growth_rows(report: Report) -> Iterator[tuple[str, ...]]:
    for growth in report.growths:
        points = zip(growth.sizes, growth.costs, strict=True)
        yield (
            growth.runs,
            growth.cost,
            growth.over,
            f"{growth.law.exponent:.2f}",
            ", ".join(f"{_number(cost)} at {size:.3g}" for size, cost in points),
        )


def _number(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
