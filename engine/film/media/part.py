"""A part of a film, by time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ....errors import require


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a film; its times count from the film's start.

    Parameters
    ----------
    start, end
        Seconds; what is at `start` belongs to it, what is at `end` does not. None is the film's end.

    Raises
    ------
    UsageError
        It is empty, or begins before the film.
    """

    start: Fraction = Fraction(0)
    end: Fraction | None = None

    def __post_init__(self) -> None:
        require(self.start >= 0, "start: expected 0 or more seconds")
        require(
            self.end is None or self.end > self.start,
            f"end: expected a time after the start, {float(self.start):g} s",
        )

    def holds(self, seconds: Fraction) -> bool:
        """Whether a time belongs to it."""
        return self.start <= seconds and (self.end is None or seconds < self.end)

    def ends_after(self, seconds: Fraction) -> bool:
        """Whether a time, counted from the part's start, lies before its end."""
        return self.end is None or seconds < self.end - self.start

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole film."""
        return self.start == 0 and self.end is None
