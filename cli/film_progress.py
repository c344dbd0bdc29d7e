"""Progress of a film on the terminal."""

from __future__ import annotations

import time
from typing import Final

from .bar import Bar
from .progress import LINE_EVERY_S

DRAW_EVERY_S: Final = 0.1


class FilmProgress(Bar):
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
        super().__init__(name, frames, quiet=quiet)
        self.done = 0
        self._name = name
        self._frames = frames
        self._quiet = quiet
        self._start = time.perf_counter()
        self._first = 0
        self._step_s = DRAW_EVERY_S if self.is_shown else LINE_EVERY_S
        self._next_draw = self._start + self._step_s

    def show(self, frame: int) -> None:
        """Frame number `frame`, from 0, is done."""
        if self.done == 0:
            self._first = frame
        self.done = frame + 1
        now = time.perf_counter()
        if self._quiet or now < self._next_draw:
            return
        self._next_draw = now + self._step_s
        rate = (self.done - self._first) / (now - self._start)
        of_frames = f" of {self._frames}" if self._frames else ""
        rates = f"{self.done}{of_frames} frames, {rate:.1f} frames/s"
        if self.is_shown:
            self.draw(self.done, rates)
            return
        left = f", {max(self._frames - self.done, 0) / rate:.0f} s left" if self._frames else ""
        self.say(f"{self._name}: {rates}{left}")
