"""How costs grow with the number and the size of the pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from .run_report import RunReport
from .statistics import PowerLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A fitted power law.

    Parameters
    ----------
    cost
        What grows: "CPU ms an image", "seconds a run" or "peak RSS MiB".
    over
        With what: "megapixels" or "images".
    runs
        Which runs lie on the curve, for people.
    sizes, costs
        The measured points.
    law
        cost = factor * size ** exponent: 1 is proportional, 0 does not grow.
    """

    cost: str
    over: str
    runs: str
    sizes: tuple[float, ...]
    costs: tuple[float, ...]
    law: PowerLaw


def growths_of(runs: Sequence[RunReport]) -> tuple[Growth, ...]:
    """Fit whatever the runs have two points or more for."""
    return (
        *_fitted(
            (run for run in runs if run.count == max(other.count for other in runs)),
            cost="CPU ms an image",
            over="megapixels",
            key=lambda run: f"{run.formats}, batch {run.batch}",
            size_of=lambda run: run.end_to_end.megapixels,
            cost_of=lambda run: run.end_to_end.cpu_ms,
        ),
        *_fitted(
            runs,
            cost="seconds a run",
            over="images",
            key=lambda run: f"{run.pictures}, batch {run.batch}",
            size_of=lambda run: run.count,
            cost_of=lambda run: run.end_to_end.seconds,
        ),
        *_fitted(
            runs,
            cost="peak RSS MiB",
            over="images",
            key=lambda run: f"{run.pictures}, batch {run.batch}",
            size_of=lambda run: run.count,
            cost_of=lambda run: run.end_to_end.peak_rss_mib,
        ),
    )


def _fitted(
    runs: Sequence[RunReport] | Iterator[RunReport],
    *,
    cost: str,
    over: str,
    key: Callable[[RunReport], str],
    size_of: Callable[[RunReport], float],
    cost_of: Callable[[RunReport], float],
) -> Iterator[Growth]:
    for name, group in groupby(sorted(runs, key=key), key):
        points = sorted((size_of(run), cost_of(run)) for run in group)
        sizes, costs = zip(*points, strict=True)
        if len(set(sizes)) > 1:
            law = PowerLaw.fitted(sizes, costs)
            yield Growth(cost=cost, over=over, runs=name, sizes=sizes, costs=costs, law=law)
