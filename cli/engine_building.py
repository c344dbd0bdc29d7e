"""Models opened by a command: the build of an engine drawn, notes printed."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ..chosen_model import ChosenModel, OpenModel
from .reporting import console, print_note

if TYPE_CHECKING:
    from ..export.tensorrt.build_progress import BuildStep

LINE_EVERY_S: Final = 10.0


class BuildDisplay:
    """A bar on a terminal, elsewhere a line now and then; says how long it took.

    Parameters
    ----------
    first_line
        Said when a build begins.
    quiet
        Draw and say nothing.
    """

    def __init__(self, first_line: str = "", *, quiet: bool = False) -> None:
        self._first_line = first_line
        self._quiet = quiet
        self._started = self._last_line = time.perf_counter()
        self._seen = False
        self._bar: Progress | None = None
        if console.is_terminal and not quiet:
            self._bar = Progress(
                TextColumn("[progress.description]{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                console=console,
                transient=True,
            )
            self._task = self._bar.add_task("Reading the model", total=1.0)

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

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self._started

    @property
    def has_built(self) -> bool:
        """Whether any step was shown."""
        return self._seen

    def show(self, step: BuildStep) -> None:
        """Draw a step; may be called from any thread."""
        if self._first_line and not self._seen and not self._quiet:
            console.print(self._first_line, markup=False)
        self._seen = True
        if self._bar is not None:
            self._bar.update(self._task, description=step.phase, completed=step.share)
        elif not self._quiet and time.perf_counter() - self._last_line > LINE_EVERY_S:
            self._last_line = time.perf_counter()
            console.print(f"{step.phase}: {step.share:.0%}, {self.seconds:.0f} s", markup=False)


def open_with_display(model: ChosenModel, *, threads: int = 1, quiet: bool = False) -> OpenModel:
    """Open a model; draw the build of its engine, if there is one, and print notes.

    Parameters
    ----------
    model, threads
        As `ChosenModel.open`.
    quiet
        Neither draw nor print anything, also while the model runs.

    Raises
    ------
    ColorizeError
        As `ChosenModel.open`.
    """
    first_line = f"building an engine of {model.name} for this GPU, once; it is kept for next time"
    with BuildDisplay(first_line, quiet=quiet) as display:
        opened = model.open(
            threads=threads, on_note=ignore if quiet else print_note, on_progress=display.show
        )
    if display.has_built and opened.model.by_tensorrt and not quiet:
        console.print(f"built the engine of {model.name} in {display.seconds:.1f} s", markup=False)
    return opened


def ignore(note: str) -> None:
    """Print nothing."""
    del note
