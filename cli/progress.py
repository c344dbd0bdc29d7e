"""Progress of a run: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..engine.batch.job import Outcome, Status
from ..engine.pictures.preparation.negative import NEGATIVE_NOTE, NEGATIVES_SOUGHT
from .bar import Bar
from .time_left import TimeLeft

LINE_EVERY_S: Final = 5.0
# Four of a hundred photographs look like negatives, of a roll of negatives a third.
_NEGATIVES_SHARE: Final = 0.15


@dataclass(slots=True)
class RunCounts:
    """Counts of the run so far; megapixels are those of pictures that were done."""

    done: int = 0
    failed: int = 0
    skipped: int = 0
    megapixels: float = 0.0
    started: float = field(default_factory=time.perf_counter)

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        match outcome.status:
            case Status.DONE:
                self.done += 1
                self.megapixels += outcome.megapixels
            case Status.FAILED:
                self.failed += 1
            case Status.SKIPPED:
                self.skipped += 1

    @property
    def ended(self) -> int:
        """Pictures that are through, one way or another."""
        return self.done + self.failed + self.skipped

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self.started

    def rates(self) -> str:
        """Images and megapixels a second."""
        seconds = max(self.seconds, 1e-9)
        return f"{self.done / seconds:.1f} images/s, {self.megapixels / seconds:.1f} MP/s"


class RunProgress(Bar):
    """Draws the counts while a run goes on; prints failures as they come.

    Parameters
    ----------
    total
        Pictures in the run.
    sources
        Their files.
    quiet
        Failures only.
    """

    def __init__(self, total: int, sources: Sequence[Path], *, quiet: bool = False) -> None:
        super().__init__("colorizing", total, quiet=quiet)
        self.counts = RunCounts()
        self._total = total
        self._left = TimeLeft(sources)
        self._negatives: list[Path] = []
        self._quiet = quiet
        self._last_line = time.perf_counter()

    def fail(self, reason: str, number: int = 1) -> None:
        """Count failures that no single outcome told, and print why."""
        self.counts.failed += number
        more = f" ({number} in all)" if number > 1 else ""
        self.say(f"failed: {reason}{more}")

    def note_negatives(self) -> None:
        """Print that pictures look like negatives, if it is more than a few of many."""
        count = len(self._negatives)
        looked_at = min(self.counts.done, NEGATIVES_SOUGHT)
        if count and count >= _NEGATIVES_SHARE * looked_at and not self._quiet:
            many = (
                f"{count} of {looked_at} pictures look like negatives, such as {self._negatives[0]}"
            )
            one = f"{self._negatives[0]} looks like a negative"
            self.say(f"note: {many if count > 1 else one}; --invert turns light and dark around")

    def show(self, outcome: Outcome) -> None:
        """Count an outcome and draw."""
        self.counts.add(outcome)
        self._left.add(outcome)
        if outcome.note == NEGATIVE_NOTE:
            self._negatives.append(outcome.job.source)
        elif outcome.note and not self._quiet:
            self.say(f"note: {outcome.job.source}: {outcome.note}")
        if outcome.status is Status.FAILED:
            self.say(f"failed: {outcome.job.source}: {outcome.reason}")
        if self.is_shown:
            failed = f", {self.counts.failed} failed" if self.counts.failed else ""
            done = f"{self.counts.ended}/{self._total}"
            share = self._left.share_done()
            self.draw(round(share * self._total, 3), f"{done} {self.counts.rates()}{failed}")
        elif not self._quiet and time.perf_counter() - self._last_line > LINE_EVERY_S:
            self._last_line = time.perf_counter()
            left = self._left.seconds(self.counts.seconds)
            self.say(
                f"{self.counts.ended} of {self._total}, {self.counts.rates()}, "
                f"{self.counts.failed} failed, {left:.0f} s left"
            )
