"""What takes part, and what is measured of it."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from colorize_batch.engine.benchmark.process_usage import cpu_seconds, peak_rss_mib


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a contestant is given.

    Parameters
    ----------
    files
        Gray JPEGs, taken in turn over and over.
    count
        How many outputs are wanted.
    folder
        For the outputs; exists.
    model_file
        Of the network, for those that colorize.
    threads
        Pictures at a time, and threads of the network.
    limit_s
        No picture is begun after so long; the cost is that of a picture, so fewer will do.
    """

    files: tuple[Path, ...]
    count: int
    folder: Path
    model_file: Path
    threads: int
    limit_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a picture cost, start-up apart: imports, loading the network, a first picture."""

    images: float
    images_per_second: float
    cpu_ms: float
    peak_rss_mib: float
    start_up_cpu_s: float


class Contestant(Protocol):
    """Made in a process of its own; does pictures one by one, from several threads."""

    def __init__(self, task: Task) -> None: ...
    def do(self, source: Path, output: Path) -> None: ...


# name -> module of its `Peer`; "engine" is ours, the others are what is commonly written.
CONTESTANTS: Final[Mapping[str, str]] = {
    "engine": "engine",
    "pillow": "pillow_copy",
    "opencv": "opencv_lab",
    "skimage": "skimage_lab",
}


def measure(name: str, task: Task) -> Cost:
    """Run a contestant in this process, which should be a fresh one."""
    module = importlib.import_module(f".{CONTESTANTS[name]}", __package__)
    run: Callable[[Task], int] = module.prepared(task)
    before_cpu, before = cpu_seconds(), time.perf_counter()
    images = run(task)
    seconds, cpu = time.perf_counter() - before, cpu_seconds() - before_cpu
    return Cost(
        images=float(images),
        images_per_second=images / seconds,
        cpu_ms=cpu * 1e3 / images,
        peak_rss_mib=peak_rss_mib(),
        start_up_cpu_s=before_cpu,
    )
