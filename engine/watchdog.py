"""Calls at a moment in time, for all threads, on one thread of its own."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from threading import Condition, Thread
from typing import Final


class Watchdog:
    """Makes calls when their moment comes, unless they are cancelled before.

    The thread starts with the first call and is a daemon; calls must be short.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._calls: list[tuple[float, int, Call]] = []
        self._numbers = itertools.count()
        self._thread: Thread | None = None

    def call_at(self, moment: float, action: Callable[[], None]) -> Call:
        """Have `action` called at a time of `time.monotonic`."""
        call = Call(action)
        with self._changed:
            heapq.heappush(self._calls, (moment, next(self._numbers), call))
            if self._thread is None or not self._thread.is_alive():  # also after a fork
                self._thread = Thread(target=self._watch, name="watchdog", daemon=True)
                self._thread.start()
            self._changed.notify()
        return call

    def _watch(self) -> None:
        while True:
            with self._changed:
                while self._calls and self._calls[0][2].is_cancelled:
                    heapq.heappop(self._calls)
                if not self._calls:
                    self._changed.wait()
                    continue
                left = self._calls[0][0] - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                call = heapq.heappop(self._calls)[2]
            call.make()


class Call:
    """A call that is to come."""

    __slots__ = ("_action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self._action: Callable[[], None] | None = action

    @property
    def is_cancelled(self) -> bool:
        """Whether it will not be made, or was."""
        return self._action is None

    def cancel(self) -> None:
        """Drop the call and what it holds; one that is being made is not waited for."""
        self._action = None

    def make(self) -> None:
        """Make the call, unless it was cancelled."""
        action = self._action
        if action is not None:
            action()


WATCHDOG: Final = Watchdog()
"""The one of this process."""
