"""Timestamps that only grow."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

# A step back by more than so many frames is a new start of the clock, or an edit: what follows is
# shifted. By less, it is frames in disorder.
_RESTART_STEPS: Final = 1.5
# If the old clock goes on within so many frames, the step was a single wrong timestamp.
_WRONG_ONES: Final = 2
# A leap forward by more than this is a new start too, in containers whose clocks have such.
LEAP_S: Final = 10


class Timeline:
    """Timestamps with missing, repeated and backward ones repaired, and no others touched.

    Parameters
    ----------
    time_base
        Seconds of a tick.
    may_repeat
        Whether a timestamp may come twice, as those of subtitles do.
    may_leap
        Whether the clock may start anew, as in broadcast streams: a leap forward is then none.

    Attributes
    ----------
    repaired
        How many were changed.
    """

    def __init__(
        self, time_base: Fraction, *, may_repeat: bool = False, may_leap: bool = False
    ) -> None:
        self.repaired = 0
        self._may_repeat = may_repeat
        self._leap = int(LEAP_S / time_base) if may_leap else 0
        self._last: int | None = None
        self._step = 1
        self._shift = 0
        self._shift_before = 0
        self._since_shift = _WRONG_ONES + 1

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
            place = self._after(last, step, ticks)
        self.repaired += ticks is None or place != ticks
        self._last = place
        return place

    def _after(self, last: int, step: int, ticks: int) -> int:
        self._since_shift += 1
        if self._since_shift <= _WRONG_ONES and ticks + self._shift_before > last:
            self._shift = self._shift_before
        place = ticks + self._shift
        is_restart = last - place > _RESTART_STEPS * step and step > 1
        if is_restart or (self._leap and place - last > self._leap):
            if self._since_shift > _WRONG_ONES:
                self._shift_before, self._since_shift = self._shift, 0
            self._shift += last + step - place
            return last + step
        if place < last or (place == last and not self._may_repeat):
            return last + 1
        return place
