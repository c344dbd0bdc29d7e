"""What it costs to wait for the disk and to watch the time: runs with and without, in turn."""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from colorize_batch.chosen_model import choose_model
from colorize_batch.engine.batch import attempts
from colorize_batch.engine.batch.job import Job
from colorize_batch.engine.batch.manifest import Manifest
from colorize_batch.engine.batch.recorder import Recorder
from colorize_batch.engine.batch.runner_options import RunnerOptions
from colorize_batch.engine.batch.streaming_runner import StreamingRunner
from tests.soak.runs import write_pictures

_KINDS = {"1000 JPEGs of 300 pixels": (1000, 225), "20 of 12 megapixels": (20, 3000)}


def trial(folder: Path, rounds: int = 5) -> dict[str, Any]:
    """Colorize the same pictures with all safeguards and with none, in turn; ratios of medians."""
    figures: dict[str, Any] = {}
    with choose_model().open() as opened:
        for name, (count, side) in _KINDS.items():
            source = folder / name / "in"
            write_pictures(source, count, side, distinct=8)
            seconds: dict[bool, list[float]] = {True: [], False: []}
            cpu: dict[bool, list[float]] = {True: [], False: []}
            for number in range(2 * rounds + 1):
                safe = number % 2 == 0
                with contextlib.ExitStack() as stack:
                    if not safe:
                        stack.enter_context(mock.patch.object(os, "fsync", return_value=None))
                        stack.enter_context(mock.patch.object(attempts, "time_limit", _no_limit))
                    begun = time.process_time()
                    elapsed = _run(source, folder / "out", opened.backend)
                    used = time.process_time() - begun
                if number:  # the first one warms up
                    seconds[safe].append(elapsed)
                    cpu[safe].append(used)
            medians = {safe: statistics.median(times) for safe, times in seconds.items()}
            figures[name] = {
                "with, s": round(medians[True], 2),
                "without, s": round(medians[False], 2),
                "throughput kept": round(medians[False] / medians[True], 3),
                "processor time, ratio": round(
                    statistics.median(cpu[True]) / statistics.median(cpu[False]), 3
                ),
            }
    return figures


@contextlib.contextmanager
def _no_limit(seconds: float) -> Iterator[None]:
    del seconds
    yield


def _run(source: Path, out: Path, backend: Any) -> float:
    shutil.rmtree(out, ignore_errors=True)
    jobs = [Job(path, out / path.relative_to(source)) for path in sorted(source.rglob("*.*"))]
    start = time.perf_counter()
    with Manifest(out / "manifest.jsonl", model={}, settings={}) as manifest:
        recorder = Recorder(manifest, lambda text: None)
        for outcome in StreamingRunner(backend, RunnerOptions()).run(jobs):
            recorder.take(outcome)
        recorder.flush()
    return time.perf_counter() - start
