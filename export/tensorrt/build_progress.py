"""How far TensorRT is with a build, from the phases that it reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildStep:
    """Progress of a build.

    Parameters
    ----------
    phase
        TensorRT's name of the outermost phase.
    share
        0..1 of that phase.
    """

    phase: str
    share: float


class BuildProgress:
    """Adds up nested phases; TensorRT may report from several threads.

    Parameters
    ----------
    on_step
        Called after every step; what it raises stops the build and is raised again by `check`.
    """

    def __init__(self, on_step: Callable[[BuildStep], None]) -> None:
        self._on_step = on_step
        self._lock = Lock()
        self._open: dict[str, _Phase] = {}
        self._cancelled = Event()
        self._error: Exception | None = None

    def started(self, name: str, parent: str | None, steps: int) -> None:
        """Enter a phase of some steps within another, or on its own."""
        with self._lock:
            known = parent if parent in self._open else None
            self._open[name] = _Phase(parent=known, steps=max(1, steps))

    def stepped(self, name: str) -> bool:
        """Finish a step of a phase; False asks TensorRT to stop."""
        with self._lock:
            if name in self._open:
                self._open[name].done += 1
                self._report(name)
        return not self._cancelled.is_set()

    def finished(self, name: str) -> None:
        """Leave a phase."""
        with self._lock:
            self._open.pop(name, None)

    def cancel(self) -> None:
        """Ask for a stop at the next step."""
        self._cancelled.set()

    def check(self) -> None:
        """Raise what `on_step` raised, if it did."""
        if self._error is not None:
            raise self._error

    def _report(self, name: str) -> None:
        share = 0.0
        at: str | None = name
        while at is not None:
            phase = self._open.get(at)
            if phase is None:  # an outer phase ended before its inner ones
                return
            name, share = at, min(1.0, (phase.done + share) / phase.steps)
            at = phase.parent
        try:
            self._on_step(BuildStep(phase=name, share=share))
        except Exception as error:  # nothing may pass through TensorRT's own frames
            self._error = error
            self._cancelled.set()


@dataclass(slots=True)
class _Phase:
    parent: str | None
    steps: int
    done: int = 0
