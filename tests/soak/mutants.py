"""Damaged files of every format through the reader, in processes that may die."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import numpy as np

from colorize_batch.engine.pictures.formats import FORMATS
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.engine.pictures.reader import open_picture
from colorize_batch.engine.pictures.time_limit import time_limit
from colorize_batch.engine.pictures.vips import pyvips
from colorize_batch.errors import PictureError
from tests.soak.mutator import mutant

FORMATS_MADE: Final = (".jpg", ".png", ".tif", ".webp", ".avif", ".gif")
_MAX_PIXELS: Final = 4_000_000
_MAX_SECONDS: Final = 10.0


def trial(folder: Path, count: int) -> dict[str, Any]:
    """Read so many mutants of each format."""
    figures: dict[str, Any] = {
        "tried": 0,
        "read": 0,
        "refused": 0,
        "foreign errors": 0,
        "crashed": 0,
    }
    for suffix in FORMATS_MADE:
        first = 0
        while first < count:
            note = folder / f"{suffix[1:]}.txt"
            words = [
                sys.executable,
                "-m",
                "tests.soak.mutants",
                suffix,
                str(first),
                str(count),
                note,
            ]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            number, *counts = note.read_text().split()
            for name, found in zip(("read", "refused", "foreign errors"), counts, strict=True):
                figures[name] += int(found)
            figures["tried"] += int(number) - first
            first = int(number)
            if done.returncode > 0:
                raise RuntimeError(done.stderr[-2000:])  # of the trial itself
            if done.returncode < 0:
                figures["crashed"] += 1
                figures["tried"] += 1
                figures.setdefault("of", []).append(f"{suffix} {number}")
                first += 1
            if done.stdout:
                figures.setdefault("said", []).extend(done.stdout.splitlines()[:5])
    return figures


def samples(suffix: str) -> list[bytes]:
    """Small files of a format: gray and colour, 8 and 16 bit, with a profile and turned."""
    rows, columns = np.mgrid[0:48, 0:64]
    gray = ((rows * 3 + columns * 2) % 256).astype(np.uint8)
    plain = pyvips.Image.new_from_array(gray).copy(interpretation="b-w")
    color = plain.bandjoin([255 - plain, plain]).copy(interpretation="srgb")
    turned = color.copy()
    turned.set_type(pyvips.GValue.gint_type, "orientation", 6)
    turned.set_type(pyvips.GValue.blob_type, "xmp-data", b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    options: list[dict[str, Any]] = [{}]
    if suffix == ".jpg":
        options += [{"interlace": True}, {"restart_interval": 2}]
    if suffix == ".png":
        options += [{"interlace": True}, {"palette": True}]
    if suffix == ".tif":
        options += [
            {"compression": name} for name in ("lzw", "deflate", "jpeg", "ccittfax4", "packbits")
        ]
        options += [{"tile": True, "tile_width": 16, "tile_height": 16}]
    if suffix == ".webp":
        options += [{"lossless": True}]
    files = []
    for image in (plain, color, turned):
        for option in options:
            if option.get("compression") == "ccittfax4":
                files.append((plain > 128).write_to_buffer(suffix, **option, bitdepth=1))
            else:
                files.append(image.write_to_buffer(suffix, **option))
    if suffix in (".png", ".tif"):
        files.append(
            (plain.cast("ushort") * 257).copy(interpretation="grey16").write_to_buffer(suffix)
        )
    return files


def read_mutants(suffix: str, first: int, last: int, note: Path) -> None:
    """Read mutants by number; the file `note` has how far it came and what they came to."""
    files = samples(suffix)
    outcomes: Counter[str] = Counter()
    for number in range(first, last):
        _write(note, number, outcomes)  # a crash is of this one
        chance = random.Random(f"{suffix} {number}")
        damaged = mutant(chance.choice(files), chance)
        try:
            with time_limit(_MAX_SECONDS):
                target = FORMATS[chance.choice(("jpg", "png"))]
                options = ReadOptions(max_pixels=_MAX_PIXELS, salvage=chance.random() < 0.2)
                open_picture(damaged, picture_format=target, options=options).decoded()
            outcomes["read"] += 1
        except PictureError:
            outcomes["refused"] += 1
        except Exception as error:  # what kind it is, is the question
            outcomes["foreign"] += 1
            if outcomes["foreign"] <= 5:
                sys.stdout.write(f"{suffix} {number}: {type(error).__name__}: {error}\n"[:200])
    _write(note, last, outcomes)


def _write(note: Path, number: int, outcomes: Counter[str]) -> None:
    counts = (outcomes[name] for name in ("read", "refused", "foreign"))
    note.write_text(" ".join(map(str, (number, *counts))))


if __name__ == "__main__":
    read_mutants(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
