"""Runs of `colorize-batch` in a process of its own, over pictures that are made here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from colorize_batch.engine.pictures.vips import pyvips

COMMAND = [sys.executable, "-c", "from colorize_batch.cli.entry import batch; batch()"]
MANIFEST = "colorize-batch.jsonl"


def write_pictures(folder: Path, count: int, side: int = 96, distinct: int = 40) -> None:
    """Write so many gray pictures, JPEG and PNG in turn, of which some are alike."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [_picture(seed, side) for seed in range(min(count, distinct))]
    for number in range(count):
        suffix, file_bytes = files[number % len(files)]
        path = folder / f"{number // 1000:03}" / f"{number:06}{suffix}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(file_bytes)


def start(folder: Path, *options: str, **how: object) -> subprocess.Popen[str]:
    """Start a run from folder/in to folder/out."""
    words = [*COMMAND, str(folder / "in"), str(folder / "out"), "--json", *options]
    return subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **how,  # type: ignore[call-overload]
    )


def state(folder: Path) -> dict[str, int]:
    """Count sources without a whole output, and unfinished files."""
    out = folder / "out"
    sources = [path.relative_to(folder / "in") for path in (folder / "in").rglob("*.*")]
    lost = sum(not _is_whole(out / name) for name in sources)
    return {"lost": lost, "partial": len(list(out.rglob(".*.partial")))}


def false_lines(folder: Path) -> int:
    """Count lines of the manifest that say "done" of a file that is not there, or is another."""
    import hashlib

    said: dict[str, str] = {}
    path = folder / "out" / MANIFEST
    for line in path.read_bytes().splitlines() if path.exists() else []:
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # cut short by a kill; the next run removes it
        if entry["status"] == "done":
            said[entry["output"]] = entry["output_sha256"]
    wrong = 0
    for name, sha256 in said.items():
        output = folder / "out" / name
        wrong += not output.exists() or hashlib.sha256(output.read_bytes()).hexdigest() != sha256
    return wrong


def _is_whole(path: Path) -> bool:
    try:
        image = pyvips.Image.new_from_buffer(path.read_bytes(), "", fail_on="warning")
        return bool(image.bands >= 3 and image.avg() >= 0)
    except (OSError, pyvips.Error):
        return False


def _picture(seed: int, side: int) -> tuple[str, bytes]:
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:side, 0 : side * 4 // 3]
    waves = np.sin(columns * 0.05 * (1 + seed % 5)) * np.cos(rows * 0.04 + seed)
    gray = np.clip(120 + 80 * waves + rng.normal(0, 5, waves.shape), 0, 255).astype(np.uint8)
    image = pyvips.Image.new_from_array(gray).copy(interpretation="b-w")
    suffix = ".png" if seed % 4 == 3 else ".jpg"
    return suffix, image.write_to_buffer(suffix)
