"""Threads over channels: started together, stopped together, none lost without a word."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Any, Final

from .channel import Channel

log: Final = logging.getLogger("colorize_batch")

Loop = Callable[[], None]


class StageThreads:
    """The threads of a run; one that ends by an exception ends them all.

    Parameters
    ----------
    channels
        Aborted when the run ends, or a thread dies.
    at_abort
        Called then too.

    Attributes
    ----------
    error
        What the first thread that died was ended by.
    """

    def __init__(
        self, channels: Iterable[Channel[Any]], at_abort: Callable[[], None] | None = None
    ) -> None:
        self.error: BaseException | None = None
        self._at_abort = at_abort
        self._channels = tuple(channels)
        self._threads: list[Thread] = []
        self._lock = Lock()

    def start(self, name: str, loop: Loop) -> None:
        """Run a loop on a thread of its own; may be called while others run."""
        thread = Thread(target=self._run, args=(loop,), name=name, daemon=True)
        with self._lock:
            self._threads.append(thread)
        thread.start()

    def abort(self) -> None:
        """Let every loop end that waits for a channel; idempotent."""
        for channel in self._channels:
            channel.abort()
        if self._at_abort is not None:
            self._at_abort()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for all threads to end; False if some did not in time."""
        until = None if timeout_s is None else time.monotonic() + timeout_s
        with self._lock:
            # An interrupt may come between the list and the start of a thread.
            threads = [thread for thread in self._threads if thread.ident is not None]
        for thread in threads:
            thread.join(None if until is None else max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _run(self, loop: Loop) -> None:
        try:
            loop()
        except BaseException as error:
            log.debug("a stage died", exc_info=True)
            if self.error is None:
                self.error = error
            self.abort()


@contextmanager
def run_threads(
    loops: Iterable[tuple[str, Loop]], channels: Iterable[Channel[Any]]
) -> Iterator[StageThreads]:
    """Run loops on a thread each, until the block ends.

    Parameters
    ----------
    loops
        Name and loop of every thread; a loop ends when one of its channels is aborted.
    channels
        Aborted at the end of the block, which then waits for the threads.

    Yields
    ------
    StageThreads
        For more threads.

    Raises
    ------
    BaseException
        What ended a thread, if the block itself raised nothing.
    """
    threads = StageThreads(channels)
    for name, loop in loops:
        threads.start(name, loop)
    try:
        yield threads
    finally:
        threads.abort()
        threads.join()
    if threads.error is not None:
        raise threads.error
