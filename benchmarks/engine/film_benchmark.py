"""How fast films are colorized, against decoding and encoding them alone."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from ...engine.atomic_write import write_atomically
from ...engine.film.film_options import FilmOptions
from ...engine.film.film_runner import FilmRunner
from ...engine.film.film_setup import video_encoder
from ...engine.film.media.film_info import film_info
from ...engine.inference.backend import Backend
from ...engine.pages.table import Table
from ...errors import require
from .film_stage_costs import STAGES, stage_costs
from .film_transcode import transcode, write_gray
from .machine import Machine
from .process_usage import cpu_seconds
from .statistics import median_of

SCHEMA: Final = "colorize-bench-video/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmRate:
    """Cost of a frame, with every core at work.

    Parameters
    ----------
    seconds
        On the clock.
    cpu_ms
        Of all threads.
    """

    seconds: float
    cpu_ms: float

    @property
    def frames_per_second(self) -> float:
        """Frames a second of wall-clock time."""
        return 1 / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmReport:
    """A film's measurements; medians of interleaved rounds.

    Parameters
    ----------
    film
        Its name, "made" for the one made from a seed.
    height, width, frames
        Of what was run.
    looks
        How often the model looked.
    colorized
        The whole pipeline.
    alone
        Decoding and encoding with the same settings.
    stage_cpu_ms
        A frame's share of each stage's CPU time, measured apart.
    machine
        What it ran on.
    """

    film: str
    height: int
    width: int
    frames: int
    looks: int
    colorized: FilmRate
    alone: FilmRate
    stage_cpu_ms: Mapping[str, float]
    machine: Machine

    @property
    def ratio(self) -> float:
        """Frames a second, of those of decoding and encoding alone."""
        return self.alone.seconds / self.colorized.seconds

    @property
    def cpu_ratio(self) -> float:
        """The same of CPU time: what other work on the machine disturbs less."""
        return self.alone.cpu_ms / self.colorized.cpu_ms

    def table(self) -> Table:
        """One row."""
        return Table(
            title=f"{self.film}, {self.width} x {self.height}, {self.frames} frames, "
            f"{self.looks} looks of the model; {self.machine.cpu}, {self.machine.cores} cores",
            header=(
                "frames/s", "alone", "ratio", "CPU ms/frame", "alone", "ratio",
                *(f"{stage} ms" for stage in STAGES),
            ),
            rows=((
                f"{self.colorized.frames_per_second:.1f}",
                f"{self.alone.frames_per_second:.1f}",
                f"{self.ratio:.2f}",
                f"{self.colorized.cpu_ms:.2f}",
                f"{self.alone.cpu_ms:.2f}",
                f"{self.cpu_ratio:.2f}",
                *(f"{self.stage_cpu_ms[stage]:.2f}" for stage in STAGES),
            ),),
            words=0,
        )  # fmt: skip

    def write(self, path: Path) -> None:
        """Keep as JSON; raises UnwritableError."""
        ratios = {"ratio": self.ratio, "cpu_ratio": self.cpu_ratio}
        text = json.dumps({"schema": SCHEMA, **asdict(self), **ratios}, indent=1)
        write_atomically(path, (text + "\n").encode())


def film_benchmark(
    backend: Backend,
    clip: Path | None,
    *,
    height: int = 360,
    width: int = 640,
    frames: int = 240,
    repeats: int = 3,
    on_step: Callable[[str, int, int], None] = lambda *_: None,
) -> FilmReport:
    """Measure with the default settings; every round runs both, so they see the same machine.

    Parameters
    ----------
    backend
        Runs the network.
    clip
        A film, whose colour is removed; None makes one.
    height, width, frames
        That the film is scaled and cut to; even sizes.
    repeats
        Rounds, after one that is not counted.
    on_step
        Called with name, number and count of steps.

    Raises
    ------
    UsageError
        A number is out of its range.
    UnreadableError, UnwritableError, BackendError
        As `FilmRunner.run`.
    """
    require(repeats > 0, "repeats: expected at least 1")
    require(min(height, width) >= 16 and height % 2 == width % 2 == 0, "size: expected even sides")
    require(frames > 0, "frames: expected at least 1")
    options = FilmOptions()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "gray.mp4")
        on_step("writing the film", 0, repeats + 2)
        frames = write_gray(clip, source, height, width, frames)
        output = Path(folder, "out.mp4")
        info = film_info(source)
        encoder = video_encoder(info, output, options)
        runner = FilmRunner(backend, "", options)
        looks = 0
        rounds: list[tuple[FilmRate, FilmRate]] = []
        for number in range(repeats + 1):
            on_step("round", number, repeats + 2)
            clock = _Clock()
            transcode(info, encoder, output)
            alone = clock.rate(frames)
            clock = _Clock()
            looks = runner.run(source, output).looks
            rounds.append((clock.rate(frames), alone))
        on_step("stages", repeats + 1, repeats + 2)
        costs = stage_costs(backend, info, encoder, options)
    colorized, alone = median_of(rounds[1:])
    return FilmReport(
        film=clip.name if clip is not None else "made",
        height=height,
        width=width,
        frames=frames,
        looks=looks,
        colorized=colorized,
        alone=alone,
        stage_cpu_ms=costs,
        machine=Machine.here(),
    )


class _Clock:
    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), cpu_seconds()

    def rate(self, frames: int) -> FilmRate:
        """Rate of so many frames since the start."""
        return FilmRate(
            seconds=(time.perf_counter() - self._wall) / frames,
            cpu_ms=(cpu_seconds() - self._cpu) / frames * 1e3,
        )
