"""Pillow opens the picture and saves it: no network, no prediction."""

from __future__ import annotations

from PIL import Image

from colorize_batch.benchmarks.engine.workload import Workload

from .contestants import Run
from .one_by_one import one_by_one

_QUALITY = 90  # of the sources


def as_it_was(workload: Workload) -> Run:
    """Gray to gray, with the source's own quantisation."""

    def copy(source: str, output: str) -> None:
        with Image.open(source) as image:
            image.save(output, quality="keep")

    return one_by_one(copy, workload)


def at_default_quality(workload: Workload) -> Run:
    """Gray to gray, with less to code: quality 75."""

    def copy(source: str, output: str) -> None:
        with Image.open(source) as image:
            image.save(output)

    return one_by_one(copy, workload)


def in_color(workload: Workload) -> Run:
    """Gray to a colour file, as a result is one."""

    def copy(source: str, output: str) -> None:
        with Image.open(source) as image:
            image.convert("RGB").save(output, quality=_QUALITY)

    return one_by_one(copy, workload)
