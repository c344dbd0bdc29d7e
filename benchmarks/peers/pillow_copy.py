"""Pillow opens the picture and saves it, at the source's own quality: no colour, no network."""

from __future__ import annotations

from PIL import Image

from colorize_batch.engine.benchmark.workload import Workload

from .contestants import Run
from .one_by_one import one_by_one


def prepared(workload: Workload) -> Run:
    """Do a first picture."""
    return one_by_one(_copy, workload)


def _copy(source: str, output: str) -> None:
    with Image.open(source) as image:
        image.save(output, quality="keep")
