"""Milliseconds of CPU time per megapixel of every native kernel, beside the floor memory sets.

The floor of a kernel is the time that copying takes for as many bytes as the kernel has to read and
write. All kernels are measured in turn, round after round, so that a busy machine slows all alike;
the time is that of the measuring thread, and the median is told.

    python -m colorize_batch.benchmarks.kernels --megapixels 12 --json kernels.json
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from colorize_batch.kernels import cpu

Planes = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One kernel on one kind of picture."""

    name: str
    run: Callable[[], object]
    bytes_per_pixel: float  # that must be read and written


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one case took."""

    name: str
    median_ms_per_megapixel: float
    p95_ms_per_megapixel: float
    floor_ms_per_megapixel: float


def main() -> None:
    """Measure, print the table and write JSON when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megapixels", type=float, default=12.0, help="size of the picture")
    parser.add_argument("--rounds", type=int, default=9, help="measurements of each kernel")
    parser.add_argument("--json", type=Path, help="a file for the results")
    options = parser.parse_args()
    if options.megapixels <= 0 or options.rounds < 1:
        parser.error("--megapixels and --rounds must be above 0")
    results = measured(options.megapixels, options.rounds)
    console = Console()
    console.print(table_of(results, options.megapixels))
    if options.json:
        report = {
            "machine": platform.processor() or platform.machine(),
            "instruction_set": cpu.INSTRUCTION_SET,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "megapixels": options.megapixels,
            "rounds": options.rounds,
            "results": [asdict(result) for result in results],
        }
        options.json.write_text(json.dumps(report, indent=2) + "\n")


def measured(megapixels: float, rounds: int) -> list[Result]:
    """Every case, `rounds` times in turn after one turn that warms up."""
    height = max(1, round((megapixels * 1e6 * 2 / 3) ** 0.5))
    width = max(1, round(megapixels * 1e6 / height))
    cases = cases_for(height, width)
    source = np.ones(height * width, np.uint8)
    copy = Case(name="copy", run=copier(source), bytes_per_pixel=2)
    seconds: dict[str, list[float]] = {case.name: [] for case in (copy, *cases)}
    for turn in range(rounds + 1):
        for case in (copy, *cases):
            start = time.thread_time()
            case.run()
            if turn:
                seconds[case.name].append(time.thread_time() - start)
    scale = 1e9 / (height * width)
    seconds_per_byte = statistics.median(seconds["copy"]) / copy.bytes_per_pixel
    return [
        Result(
            name=case.name,
            median_ms_per_megapixel=scale * statistics.median(seconds[case.name]),
            p95_ms_per_megapixel=scale * float(np.percentile(seconds[case.name], 95)),
            floor_ms_per_megapixel=scale * seconds_per_byte * case.bytes_per_pixel,
        )
        for case in cases
    ]


def cases_for(height: int, width: int) -> list[Case]:
    """All kernels, each on gray and colour, 8 and 16 bit where it takes them."""
    gray_u8, ab_planes = photograph(height, width)
    gray_u16 = gray_u8.astype(np.uint16) * 257
    sources: dict[str, NDArray[Any]] = {
        "gray u8": gray_u8,
        "RGB u8": np.repeat(gray_u8[..., None], 3, axis=2),
        "gray u16": gray_u16,
        "RGB u16": np.repeat(gray_u16[..., None], 3, axis=2),
    }
    cases: list[Case] = []
    for name, source in sources.items():
        read = source.nbytes / (height * width)
        cases.append(
            Case(name=f"l_plane, {name}", run=l_plane_of(source), bytes_per_pixel=read)
        )
        for upsample in ("bilinear", "guided"):
            cases.append(
                Case(
                    name=f"merge_ab {upsample}, {name}",
                    run=merge_of(source, ab_planes, upsample),
                    bytes_per_pixel=read + 3 * source.itemsize,
                )
            )
    half = np.ascontiguousarray(gray_u8[::2, ::2])
    for upsample in ("bilinear", "guided"):
        cases.append(
            Case(
                name=f"chroma_planes {upsample}, 4:2:0",
                run=chroma_of(half, ab_planes, upsample),
                bytes_per_pixel=0.75,
            )
        )
    rgb_u8 = sources["RGB u8"]
    cases.append(
        Case(name="color_share, RGB u8", run=lambda: cpu.color_share(rgb_u8, 8), bytes_per_pixel=3)
    )
    return cases
