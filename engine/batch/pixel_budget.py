"""How many pixels may be decoded at one time."""

from __future__ import annotations

from threading import Condition


class PixelBudget:
    """A semaphore of pixels that no job can hold up, and that never locks up.

    Jobs `enter` in their order, before they are read; a read that stalls keeps nobody from its
    pixels. Who waits for pixels is served in the order of the jobs, so that a large picture gets its
    turn. A picture over the whole budget passes when nobody else is at work.

    Where results are delivered in order, those that are ready wait for an earlier job and hold their
    pixels; they are `ready`, not at work. The earliest job of all passes when everybody else is
    ready, so at most one picture is decoded beyond the budget.

    Parameters
    ----------
    max_pixels
        Height x width, summed over the pictures in the engine.
    """

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._entered: dict[int, int] = {}  # ticket -> pixels, 0 before they are taken; in order
        self._waiting: set[int] = set()
        self._ready: set[int] = set()
        self._closed = False
        self._changed = Condition()

    def enter(self, ticket: int) -> None:
        """Announce a job; tickets rise, each is used once."""
        with self._changed:
            self._entered[ticket] = 0

    def acquire(self, ticket: int, pixels: int) -> bool:
        """Take `pixels` for an announced job as soon as they fit; False after `close`."""
        with self._changed:
            self._waiting.add(ticket)
            self._changed.wait_for(lambda: self._closed or self._may_pass(ticket, pixels))
            self._waiting.discard(ticket)
            if self._closed:
                return False
            self._entered[ticket] = pixels
            self._changed.notify_all()
            return True

    def set_ready(self, ticket: int) -> None:
        """Note that a job's work is done, and that only its delivery is to come."""
        with self._changed:
            self._ready.add(ticket)
            self._changed.notify_all()

    def release(self, ticket: int) -> None:
        """End a job, which gives its pixels back."""
        with self._changed:
            self._entered.pop(ticket, None)
            self._ready.discard(ticket)
            self._changed.notify_all()

    def close(self) -> None:
        """Wake and refuse everybody; idempotent."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _may_pass(self, ticket: int, pixels: int) -> bool:
        if any(other < ticket for other in self._waiting):
            return False
        taken = sum(self._entered.values())
        if taken == 0 or taken + pixels <= self._max_pixels:
            return True
        at_work = taken - sum(self._entered[other] for other in self._ready)
        return at_work == 0 and ticket == next(iter(self._entered))
