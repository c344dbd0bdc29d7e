"""Progress of a film on the terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Final, Self

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from .reporting import console

LINE_EVERY_S: Final = 5.0
DRAW_EVERY_S: Final = 0.1


class FilmProgress:
    """Shows how far a film is: a bar on a terminal, else a line now and then.

    Parameters
    ----------
    name
        Of the film.
    frames
        That it probably has; 0 if unknown.
    quiet
        Show nothing.
    """

    def __init__(self, name: str, frames: int, *, quiet: bool = False) -> None:
        self.done = 0
        self._name = name
        self._frames = frames
        self._quiet = quiet
        self._start = time.perf_counter()
        self._first = 0
        self._next_draw = self._start + (DRAW_EVERY_S if console.is_terminal else LINE_EVERY_S)
        self._bar: Progress | None = None
        if console.is_terminal and not quiet:
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.fields[rates]}", markup=False),
                TimeRemainingColumn(),
                console=console,
                transient=True,
            )
            self._task = self._bar.add_task(name, total=frames or None, rates="")

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, frame: int) -> None:
        """Frame number `frame`, from 0, is done."""
        if self.done == 0:
            self._first = frame
        self.done = frame + 1
        now = time.perf_counter()
        if self._quiet or now < self._next_draw:
            return
        rate = (self.done - self._first) / (now - self._start)
        of_frames = f" of {self._frames}" if self._frames else ""
        if self._bar is not None:
            self._next_draw = now + DRAW_EVERY_S
            rates = f"{self.done}{of_frames} frames, {rate:.1f} frames/s"
            self._bar.update(self._task, completed=self.done, rates=rates)
            return
        self._next_draw = now + LINE_EVERY_S
        left = f", {max(self._frames - self.done, 0) / rate:.0f} s left" if self._frames else ""
        self.say(f"{self._name}: {self.done}{of_frames} frames, {rate:.1f} frames/s{left}")

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        console.print(line, markup=False)
