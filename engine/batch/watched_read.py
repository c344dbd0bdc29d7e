"""Reads that may never come back: from a dead network mount, or a disk that fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Final, TypeVar

from ..watchdog import WATCHDOG, Call
from .running_job import RunningJob

Read = TypeVar("Read")

_STALLED_AFTER_S: Final = 1.0
_MOST_REPLACED: Final = 64


@dataclass(slots=True)
class ReaderSlot:
    """The part of a reading thread in the run.

    Parameters
    ----------
    is_replaced
        Another thread reads in its place; it ends after the picture that it has.
    is_given_up
        Its read did not come back in time; its part was ended for it.
    """

    is_replaced: bool = False
    is_given_up: bool = False


@dataclass(slots=True)
class _OneRead:
    slot: ReaderSlot
    job: RunningJob
    progress: float
    calls: list[Call] = field(default_factory=list)
    is_over: bool = False


class ReadWatch:
    """Replaces readers whose read stalls, and gives up reads without progress.

    No thread can be freed from a read that the system does not end. So another one takes its place
    after a second, and after `max_seconds` without a byte its picture has failed.

    Parameters
    ----------
    max_seconds
        Without progress.
    on_stall
        Starts another reader.
    on_give_up
        Ends the job, and the reader's part.
    """

    def __init__(
        self,
        max_seconds: float,
        on_stall: Callable[[], None],
        on_give_up: Callable[[RunningJob], None],
    ) -> None:
        self._max_seconds = max_seconds
        self._on_stall = on_stall
        self._on_give_up = on_give_up
        self._lock = Lock()
        self._replaced = 0

    def watched(
        self, slot: ReaderSlot, job: RunningJob, read: Callable[[Callable[[], None]], Read]
    ) -> Read | None:
        """Call `read`, with what it calls on progress; None if it came back when given up."""
        one = _OneRead(slot, job, time.monotonic())

        def progressed() -> None:
            one.progress = time.monotonic()

        one.calls = [
            WATCHDOG.call_at(one.progress + _STALLED_AFTER_S, partial(self._stalled, one)),
            WATCHDOG.call_at(one.progress + self._max_seconds, partial(self._expired, one)),
        ]
        try:
            result = read(progressed)
        finally:
            with self._lock:
                given_up, one.is_over = one.is_over, True
                calls, one.calls = one.calls, []
            for call in calls:
                call.cancel()
        return None if given_up else result

    def _stalled(self, one: _OneRead) -> None:
        with self._lock:
            if one.is_over or self._replaced >= _MOST_REPLACED:
                return
            self._replaced += 1
            one.slot.is_replaced = True
            self._on_stall()

    def _expired(self, one: _OneRead) -> None:
        with self._lock:
            if one.is_over:
                return
            moment = one.progress + self._max_seconds
            if moment > time.monotonic():
                one.calls.append(WATCHDOG.call_at(moment, partial(self._expired, one)))
                return
            one.is_over = True
            one.slot.is_given_up = True
            self._on_give_up(one.job)
