"""Gigabytes a second of every CUDA kernel, beside what the GPU copies within its own memory.

A kernel's traffic is what it has to read and write: the picture, the planes and the result. The
time is that of the GPU, by its own events, of many launches in a row; kernels take turns, round
after round, and the median and the 95th percentile are printed. Needs a GPU.

    python benchmarks/gpu/cuda_kernels.py --megapixels 12 --json cuda-kernels.json
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.table import Table

from colorize_batch.errors import ColorizeError
from colorize_batch.kernels.cuda.card import Card
from colorize_batch.kernels.cuda.launches import (
    Coloring,
    Launch,
    Pixels,
    Planes,
    chroma_planes,
    l_plane,
    merge_ab,
)
from colorize_batch.kernels.cuda.layout import row_words

WORKING_SIZE: Final = 256
AB_SIZE: Final = 128
LAUNCHES: Final = 20  # in a row, so that the time between events is not that of the driver

# kernel -> bytes a pixel, and small float32 planes, that it must read and write
TRAFFIC: Final = {
    "l_gray": (1, 1),
    "l_rgb": (3, 1),
    "luma_gray": (1, 1),
    "luma_rgb": (3, 1),
    "ab_offsets": (0, 4),
    "window_slopes": (0, 5),
    "guided_lines": (0, 9),
    "merge_gray": (4, 2),
    "merge_rgb": (6, 2),
    "merge_gray_guided": (4, 4),
    "merge_rgb_guided": (6, 4),
    "chroma": (3, 2),
    "chroma_guided": (3, 4),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Work for the GPU and the bytes that it must move."""

    name: str
    run: Callable[[], None]
    traffic_bytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Time that one case took."""

    name: str
    median_ms: float
    p95_ms: float
    gigabytes_per_second: float
    share_of_copy: float


def main() -> None:
    """Measure, print the table and write JSON when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megapixels", type=float, default=12.0, help="size of the picture")
    parser.add_argument("--rounds", type=int, default=30, help="measurements of each kernel")
    parser.add_argument("--device", type=int, default=0, help="which GPU")
    parser.add_argument("--json", type=Path, help="a file for the results")
    options = parser.parse_args()
    if options.megapixels <= 0 or options.rounds < 1:
        parser.error("--megapixels and --rounds must be above 0")
    try:
        with Card(options.device) as card:
            results = measured(card, options.megapixels, options.rounds)
            machine = description_of(card)
    except ColorizeError as error:
        parser.error(str(error))
    Console().print(table_of(results, f"{machine['gpu']}, {options.megapixels:g} MP"))
    if options.json:
        sizes = {"megapixels": options.megapixels, "rounds": options.rounds}
        report = {**machine, **sizes, "results": [asdict(result) for result in results]}
        options.json.write_text(json.dumps(report, indent=2) + "\n")


def measured(card: Card, megapixels: float, rounds: int) -> list[Result]:
    """Every case, `rounds` times in turn after one turn that warms up; the copy comes first."""
    height = max(1, round((megapixels * 1e6 * 2 / 3) ** 0.5))
    width = max(1, round(megapixels * 1e6 / height))
    cases = [copy_case(card, height * width), *cases_for(card, height, width)]
    times_ms: dict[str, list[float]] = {case.name: [] for case in cases}
    for turn in range(rounds + 1):
        for case in cases:
            elapsed_ms = card.elapsed_ms(partial(repeated, case.run)) / LAUNCHES
            if turn:
                times_ms[case.name].append(elapsed_ms)
    rates = {c.name: c.traffic_bytes / float(np.median(times_ms[c.name])) / 1e6 for c in cases}
    return [
        Result(
            name=name,
            median_ms=float(np.median(times_ms[name])),
            p95_ms=float(np.percentile(times_ms[name], 95)),
            gigabytes_per_second=rate,
            share_of_copy=rate / rates["copy"],
        )
        for name, rate in rates.items()
    ]


def repeated(run: Callable[[], None]) -> None:
    """Start the same work over and over."""
    for _ in range(LAUNCHES):
        run()


def copy_case(card: Card, pixels: int) -> Case:
    """Copying as many bytes as the largest merge moves."""
    source, target = (card.put(np.zeros(3 * pixels, np.uint8)) for _ in range(2))
    run = partial(card.copy, source, target, 3 * pixels)
    return Case(name="copy", run=run, traffic_bytes=6 * pixels)


def cases_for(card: Card, height: int, width: int) -> list[Case]:
    """All operations on gray and RGB, each kernel of an operation by itself."""
    random = np.random.default_rng(0)
    ab_planes = random.normal(0, 25, (2, AB_SIZE, AB_SIZE)).astype(np.float32)
    ab = Planes(floats=card.put(ab_planes), height=AB_SIZE, width=AB_SIZE)
    l_floats = card.put(np.zeros(WORKING_SIZE**2, np.float32))
    l_small = Planes(floats=l_floats, height=WORKING_SIZE, width=WORKING_SIZE)
    rgb = pixels_on(card, random, height, width, 3)
    launches: list[Launch] = []
    for source in (pixels_on(card, random, height, width, 1), rgb):
        launches.append(l_plane(source, l_small))
        out = pixels_on(card, random, height, width, 3)
        for upsample in ("bilinear", "guided"):
            coloring = coloring_on(card, ab, upsample)
            launches += merge_ab(source, coloring, out)
            if source.channels == 1:
                launches += chroma_planes(source, coloring, out.words)
    of_each_kernel = {launch.kernel: launch for launch in launches}
    return [
        Case(
            name=name,
            run=partial(card.run, launch),
            traffic_bytes=traffic_of(name, height * width),
        )
        for name, launch in of_each_kernel.items()
    ]


def pixels_on(
    card: Card, random: np.random.Generator, height: int, width: int, channels: int
) -> Pixels:
    """A picture of noise."""
    words = random.integers(-(2**31), 2**31, height * row_words(width, channels), np.int32)
    return Pixels(words=card.put(words), height=height, width=width, channels=channels)


def coloring_on(card: Card, ab: Planes, upsample: Any) -> Coloring:
    """Those colours, with scratch of their own."""
    needed = Coloring(ab=ab, field=0, upsample=upsample).floats_needed
    return Coloring(ab=ab, field=card.put(np.zeros(needed, np.float32)), upsample=upsample)


def traffic_of(kernel: str, pixels: int) -> float:
    """Bytes that a kernel must read and write at least, for a picture of `pixels`."""
    bytes_per_pixel, planes = TRAFFIC[kernel]
    cells = (WORKING_SIZE if kernel.startswith("l_") else AB_SIZE) ** 2
    return bytes_per_pixel * pixels + 4 * planes * cells


def description_of(card: Card) -> dict[str, str]:
    """Versions and device."""
    described = {
        "gpu": card.name,
        "compute_capability": ".".join(map(str, card.compute_capability)),
        "kernels": card.origin,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
    for package in ("numba-cuda", "cuda-bindings"):
        try:
            described[package] = version(package)
        except PackageNotFoundError:
            described[package] = "none"
    return described


def table_of(results: list[Result], title: str) -> Table:
    """The results for people."""
    table = Table("kernel", title=title)
    for heading in ("median ms", "p95 ms", "GB/s", "of copy"):
        table.add_column(heading, justify="right")
    for result in results:
        table.add_row(
            result.name,
            f"{result.median_ms:.4f}",
            f"{result.p95_ms:.4f}",
            f"{result.gigabytes_per_second:.0f}",
            f"{result.share_of_copy:.0%}",
        )
    return table


if __name__ == "__main__":
    main()
