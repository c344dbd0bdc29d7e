"""Many small pictures through one run: memory, descriptors and speed from its first tenth to its last."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from colorize_batch.chosen_model import choose_model
from colorize_batch.engine.batch.job import Job, Status
from colorize_batch.engine.batch.runner_options import RunnerOptions
from colorize_batch.engine.batch.streaming_runner import StreamingRunner
from tests.soak.runs import write_pictures

TENTHS: Final = 10


def trial(folder: Path, pictures: int) -> dict[str, Any]:
    """Colorize so many pictures of 300 pixels with the shipped model, in this process."""
    write_pictures(folder / "in", pictures, side=225)
    sources = sorted((folder / "in").rglob("*.*"))
    jobs = (Job(path, folder / "out" / path.relative_to(folder / "in")) for path in sources)
    statuses: dict[Status, int] = dict.fromkeys(Status, 0)
    with choose_model().open() as opened:

        def run() -> Iterator[None]:
            for outcome in StreamingRunner(opened.backend, RunnerOptions()).run(jobs):
                statuses[outcome.status] += 1
                yield

        figures = sampled(run(), pictures)
    return {"tried": pictures, "lost": pictures - statuses[Status.DONE], **figures}


def sampled(
    steps: Iterator[None], total: int, clock: Callable[[], float] = time.monotonic
) -> dict[str, Any]:
    """Follow steps to their end; memory and descriptors after each tenth, and how its speed compares."""
    resident, descriptors, seconds = [], [], []
    last = clock()
    for number, _ in enumerate(steps, 1):
        if number % max(1, total // TENTHS) == 0 and len(seconds) < TENTHS:
            seconds.append(clock() - last)
            last = clock()
            resident.append(_resident_mib())
            descriptors.append(len(list(Path("/proc/self/fd").iterdir())))
    return {
        "MiB after each tenth": resident,
        "descriptors after each tenth": descriptors,
        "seconds of each tenth": [round(tenth, 1) for tenth in seconds],
        # The first tenth also starts everything; the second is the first of the steady state.
        "last over second tenth": round(seconds[-1] / seconds[1], 3) if len(seconds) > 1 else 1.0,
    }


def _resident_mib() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * 4096 / 2**20)
