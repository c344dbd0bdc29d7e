"""A bar on a terminal, and lines above it."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from .reporting import console, print_line


class Bar:
    """Drawn while the block goes on, where there is a terminal.

    Parameters
    ----------
    title
        At its left.
    total
        Steps to the end; 0 if unknown.
    quiet
        Draw nothing.

    Attributes
    ----------
    is_shown
        Whether there is a bar.
    """

    def __init__(self, title: str, total: int, *, quiet: bool) -> None:
        self.is_shown = console.is_terminal and not quiet
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[rates]}", markup=False),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task(title, total=total or None, rates="")

    def __enter__(self) -> Self:
        if self.is_shown:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self.is_shown:
            self._progress.stop()

    def draw(self, completed: float, rates: str) -> None:
        """Move it; `rates` stands at its right."""
        self._progress.update(self._task, completed=completed, rates=rates)

    def say(self, line: str) -> None:
        """Print a line above it."""
        print_line(line)
