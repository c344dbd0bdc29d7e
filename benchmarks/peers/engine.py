"""colorize-batch's engine."""

from __future__ import annotations

from dataclasses import replace

from colorize_batch.benchmarks.engine.workload import WARM_UP_COUNT, Workload
from colorize_batch.engine.batch.job import Outcome, Status
from colorize_batch.engine.batch.streaming_runner import StreamingRunner

from .contestants import Run


def prepared(workload: Workload) -> Run:
    """Load the network and do a few pictures."""
    backend = workload.model.open().backend
    runner = StreamingRunner(backend, workload.options)

    def run(limit_s: float, workload: Workload = workload) -> int:
        del limit_s  # all of the workload: that is what the engine is for
        return sum(map(_is_done, runner.run(workload.jobs())))

    run(0.0, replace(workload, count=min(workload.count, WARM_UP_COUNT)))
    return run


def _is_done(outcome: Outcome) -> bool:
    if outcome.status is not Status.DONE:
        raise RuntimeError(f"{outcome.job.source}: {outcome.reason}")
    return True
