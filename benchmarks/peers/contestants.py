"""What takes part, and what is measured of it."""

from __future__ import annotations

import importlib
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from colorize_batch.benchmarks.engine.process_usage import cpu_seconds, peak_rss_mib
from colorize_batch.benchmarks.engine.workload import Workload

# name -> (module, function); "engine" is ours, the others are what is commonly written.
CONTESTANTS: Final[Mapping[str, tuple[str, str]]] = {
    "engine": ("engine", "prepared"),
    "pillow": ("pillow_copy", "as_it_was"),
    "pillow-75": ("pillow_copy", "at_default_quality"),
    "pillow-rgb": ("pillow_copy", "in_color"),
    "opencv": ("opencv_lab", "prepared"),
    "skimage": ("skimage_lab", "prepared"),
}

# Does the workload, stops beginning pictures after so many seconds, gives how many were done.
Run: TypeAlias = Callable[[float], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Time and memory that a contestant took.

    Parameters
    ----------
    images_per_second, cpu_ms
        Of a picture, user and system time: after imports, loading the network and a first picture.
    peak_rss_mib
        Of the process.
    start_up_cpu_s
        User and system time of the process until then.
    """

    images_per_second: float
    cpu_ms: float
    peak_rss_mib: float
    start_up_cpu_s: float


def measure(name: str, workload: Workload, limit_s: float) -> Cost:
    """Run a contestant in this process, which should be a fresh one; outputs are deleted."""
    module, function = CONTESTANTS[name]
    prepare: Callable[[Workload], Run] = getattr(
        importlib.import_module(f".{module}", __package__), function
    )
    return cost_of(prepare, workload, limit_s)


def cost_of(prepare: Callable[[Workload], Run], workload: Workload, limit_s: float) -> Cost:
    """Do a workload in this process, which should be a fresh one; outputs are deleted.

    Parameters
    ----------
    prepare
        Loads what it needs, does a first picture, and gives what does the rest.
    workload
        The pictures.
    limit_s
        See `Run`.
    """
    workload.folder.mkdir()
    try:
        run = prepare(workload)
        start_up, start = cpu_seconds(), time.perf_counter()
        images = run(limit_s)
        seconds, cpu = time.perf_counter() - start, cpu_seconds() - start_up
    finally:
        shutil.rmtree(workload.folder)
    return Cost(
        images_per_second=images / seconds,
        cpu_ms=cpu * 1e3 / images,
        peak_rss_mib=peak_rss_mib(),
        start_up_cpu_s=start_up,
    )
