"""A long film through one run: memory and descriptors while it is coloured."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import av
import numpy as np


def trial(folder: Path, minutes: float) -> dict[str, Any]:
    """Colorize a film of so many minutes, 160 x 120 at 24 frames a second, in a process of its own."""
    frames = round(minutes * 60 * 24)
    write_film(folder / "film.mkv", frames)
    command = "from colorize_batch.cli.entry import video; video()"
    words = [sys.executable, "-c", command, str(folder / "film.mkv"), str(folder / "out.mkv"), "-q"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    resident: list[int] = []
    descriptors: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(2.0):
            try:
                pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
                descriptors.append(len(list(Path(f"/proc/{process.pid}/fd").iterdir())))
            except (OSError, IndexError):
                return
            resident.append(round(pages * 4096 / 2**20))

    watcher = threading.Thread(target=watch)
    start = time.monotonic()
    watcher.start()
    err = process.communicate()[1]
    over.set()
    watcher.join()
    written = _frames_of(folder / "out.mkv") if process.returncode == 0 else 0
    return {
        "tried": frames,
        "lost": frames - written,
        "exit code": process.returncode,
        "said": err[-300:],
        "seconds": round(time.monotonic() - start),
        "MiB after each tenth": _tenths(resident),
        "descriptors after each tenth": _tenths(descriptors),
    }


def write_film(path: Path, frames: int) -> None:
    """Write a gray film: waves that move, and a cut every four seconds."""
    rows, columns = np.mgrid[0:120, 0:160]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(frames):
            scene, at = divmod(number, 96)
            waves = np.sin(columns / (6 + scene % 7) + at / 12) * np.cos(rows / 9 + scene)
            rgb = np.repeat((120 + 80 * waves).astype(np.uint8)[:, :, np.newaxis], 3, axis=2)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode())


def _frames_of(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def _tenths(values: list[int]) -> list[int]:
    return (
        [values[len(values) * (i + 1) // 10 - 1] for i in range(10)]
        if len(values) >= 10
        else values
    )
