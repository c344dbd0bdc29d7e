"""How many pixels may be decoded at one time."""

from __future__ import annotations

from threading import Condition


class PixelBudget:
    """A semaphore of pixels, given out in the order of the jobs.

    Giving them out in order keeps a run from locking up that must deliver in order: the earliest
    job never waits for a later one. A picture over the whole budget passes when it is alone.

    Parameters
    ----------
    max_pixels
        Height x width, summed over the pictures in the engine.
    """

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._taken = 0
        self._next_ticket = 0
        self._closed = False
        self._changed = Condition()

    def acquire(self, ticket: int, pixels: int) -> bool:
        """Acquire `pixels` when all tickets before this one have been served and they fit.

        Tickets count from 0, each used once. Returns False after `close`.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or (ticket == self._next_ticket and self._fits(pixels))
            )
            if self._closed:
                return False
            self._taken += pixels
            self._next_ticket += 1
            self._changed.notify_all()
            return True

    def release(self, pixels: int) -> None:
        """Give `pixels` back."""
        with self._changed:
            self._taken -= pixels
            self._changed.notify_all()

    def close(self) -> None:
        """Wake and refuse everybody; idempotent."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _fits(self, pixels: int) -> bool:
        return self._taken == 0 or self._taken + pixels <= self._max_pixels
