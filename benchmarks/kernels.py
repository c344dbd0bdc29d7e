"""Milliseconds of CPU time per megapixel of every native kernel, beside the floor memory sets.

The floor of a kernel is the time that copying takes for as many bytes as the kernel has to read and
write. All kernels are measured in turn, round after round, so that a busy machine slows all alike;
the time is that of the measuring thread, and the median is told.

    python benchmarks/kernels.py --megapixels 12 --json kernels.json
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from colorize_batch.kernels import cpu, reference

UPSAMPLES: Final[tuple[cpu.Upsample, ...]] = ("bilinear", "guided")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One kernel on one kind of picture."""

    name: str
    run: Callable[[], object]
    bytes_per_pixel: float  # that must be read and written


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Time that one case took."""

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
    source = np.ones(4 * height * width, np.uint8)
    copy = Case(name="copy", run=partial(np.copyto, source.copy(), source), bytes_per_pixel=8)
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
    cases: list[Case] = []
    for depth, top_step in ((np.uint8, 1), (np.uint16, 257)):
        gray = gray_u8.astype(depth) * depth(top_step)
        for kind, source in (("gray", gray), ("RGB", np.repeat(gray[..., None], 3, axis=2))):
            cases += picture_cases(f"{kind} {source.dtype}", source, ab_planes)
    half = np.ascontiguousarray(gray_u8[::2, ::2])
    cb_cr = np.empty((2, *half.shape), np.uint8)
    for upsample in UPSAMPLES:
        run = partial(cpu.chroma_planes, half, ab_planes, upsample=upsample, out=cb_cr)
        cases.append(Case(name=f"chroma_planes {upsample}, 4:2:0", run=run, bytes_per_pixel=0.75))
    return cases


def picture_cases(kind: str, source: NDArray[Any], ab_planes: NDArray[np.float32]) -> list[Case]:
    """The kernels that take a whole picture, on `source`."""
    height, width = source.shape[:2]
    read = source.nbytes / (height * width)
    run: Callable[[], object] = partial(cpu.l_plane, source, 256, 256)
    cases = [Case(name=f"l_plane, {kind}", run=run, bytes_per_pixel=read)]
    rgb = np.empty((height, width, 3), source.dtype)
    for upsample in UPSAMPLES:
        run = partial(cpu.merge_ab, source, ab_planes, upsample=upsample, out=rgb)
        traffic = read + 3 * source.itemsize
        cases.append(Case(name=f"merge_ab {upsample}, {kind}", run=run, bytes_per_pixel=traffic))
    return cases


def photograph(height: int, width: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Gray (height, width) with shades, edges and grain, and (2, 128, 128) colours of a scene."""
    random = np.random.default_rng(0)
    shades = reference.upsample_bilinear(random.uniform(20, 235, (12, 16)), height, width)
    patches = random.integers(-25, 26, (height // 64 + 1, width // 64 + 1))
    patches = patches.repeat(64, axis=0).repeat(64, axis=1)[:height, :width]
    grain = random.normal(0, 4, (height, width))
    gray_u8 = np.clip(shades + patches + grain, 0, 255).astype(np.uint8)
    ab_planes = reference.upsample_bilinear(random.normal(0, 18, (2, 16, 16)), 128, 128)
    return gray_u8, ab_planes.astype(np.float32)


def table_of(results: list[Result], megapixels: float) -> Table:
    """The results for people."""
    title = f"CPU ms per megapixel of the picture, {megapixels:g} MP, {cpu.INSTRUCTION_SET}"
    table = Table("kernel", title=title)
    for heading in ("median", "p95", "memory floor", "x floor"):
        table.add_column(heading, justify="right")
    for result in results:
        median, floor = result.median_ms_per_megapixel, result.floor_ms_per_megapixel
        table.add_row(
            result.name,
            f"{median:.3f}",
            f"{result.p95_ms_per_megapixel:.3f}",
            f"{floor:.3f}",
            f"{median / floor:.1f}",
        )
    return table


if __name__ == "__main__":
    main()
