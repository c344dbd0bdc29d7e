"""The loop that scripts have: a picture at a time, on a pool of threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from colorize_batch.benchmarks.engine.workload import Workload
from colorize_batch.engine.batch.job import Job

from .contestants import Run


def one_by_one(do: Callable[[str, str], None], workload: Workload) -> Run:
    """Do a first picture, and give what does the rest with a thread a core.

    Parameters
    ----------
    do
        Called with the paths of a source and an output, from several threads.
    workload
        The pictures.
    """

    def run(limit_s: float) -> int:
        end = time.perf_counter() + limit_s

        def unless_late(job: Job) -> bool:
            late = time.perf_counter() > end
            if not late:
                do(str(job.source), str(job.output))
            return not late

        with ThreadPoolExecutor(workload.options.threads) as pool:
            return sum(pool.map(unless_late, workload.jobs()))

    first = next(workload.jobs())
    do(str(first.source), str(first.output))
    return run
