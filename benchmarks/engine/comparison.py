"""Two reports side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .report import Report
from .run_report import RunReport

# what -> (its value, whether more is better)
MEASURES: Final[Mapping[str, tuple[Callable[[RunReport], float], bool]]] = {
    "images/s": (lambda run: run.end_to_end.images_per_second, True),
    "CPU ms/image": (lambda run: run.end_to_end.cpu_ms, False),
    "latency p50 ms": (lambda run: run.end_to_end.latency_ms.p50, False),
    "latency p95 ms": (lambda run: run.end_to_end.latency_ms.p95, False),
    "peak RSS MiB": (lambda run: run.end_to_end.peak_rss_mib, False),
    "efficiency": (lambda run: run.efficiency.efficiency, True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A measure in two reports.

    Parameters
    ----------
    run
        Which one, for people.
    measure
        A key of `MEASURES`, or "start-up s".
    before, after
        Its values.
    more_is_better
        What it would like to be.
    """

    run: str
    measure: str
    before: float
    after: float
    more_is_better: bool

    @property
    def gain(self) -> float:
        """Ratio of improvement: above 1 is better, below is worse."""
        low, high = (self.before, self.after) if self.more_is_better else (self.after, self.before)
        return high / low


def differences(before: Report, after: Report) -> Iterator[Difference]:
    """Every measure of the runs that both reports have, then the start-up time."""
    former = {run.key: run for run in before.runs}
    for run in after.runs:
        if (like := former.get(run.key)) is None:
            continue
        for measure, (value_of, more_is_better) in MEASURES.items():
            yield Difference(
                run=run.name,
                measure=measure,
                before=value_of(like),
                after=value_of(run),
                more_is_better=more_is_better,
            )
    yield Difference(
        run="all",
        measure="start-up s",
        before=before.start_up_s,
        after=after.start_up_s,
        more_is_better=False,
    )


def caveats(before: Report, after: Report) -> Iterator[str]:
    """Why the reports may differ besides the code: one line each."""
    for name in ("cpu", "cores", "instruction_set", "jpeg_coefficients", "versions"):
        ours, theirs = getattr(before.machine, name), getattr(after.machine, name)
        if ours != theirs:
            yield f"{name.replace('_', ' ')}: {ours} before, {theirs} after"
    if before.model_sha256 != after.model_sha256:
        yield f"model: {before.model} before, {after.model} after, of different weights"
    missing = {run.name for run in before.runs} ^ {run.name for run in after.runs}
    yield from (f"only in one of them: {name}" for name in sorted(missing))
