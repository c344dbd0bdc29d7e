"""Timestamps that only grow."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

# A step back by more than this is a new start of the clock, not two frames in disorder.
RESTART_S: Final = 1


class Timeline:
    """Repairs missing, repeated and backward timestamps, and touches no others.

    Parameters
    ----------
    time_base
        Seconds of a tick.
    may_repeat
        Whether a timestamp may come twice, as those of subtitles do.

    Attributes
    ----------
    repaired
        How many were changed.
    """

    def __init__(self, time_base: Fraction, *, may_repeat: bool = False) -> None:
        self.repaired = 0
        self._may_repeat = may_repeat
        self._last: int | None = None
        self._step = 1
        self._shift = 0
        self._restart = int(RESTART_S / time_base)

    def placed(self, ticks: int | None, duration: int) -> int:
        """The timestamp to use.

        Parameters
        ----------
        ticks
            What the source says; None if nothing.
        duration
            Ticks to the next one, as far as known; 0 if not.
        """
        last, step = self._last, self._step
        self._step = max(duration, 1)
        if last is None:
            place = 0 if ticks is None else ticks
        elif ticks is None:
            place = last + step
        else:
            place = ticks + self._shift
            if place < last - self._restart:
                self._shift += last + step - place
                place = last + step
            elif place < last or (place == last and not self._may_repeat):
                place = last + 1
        self.repaired += ticks is None or place != ticks
        self._last = place
        return place
