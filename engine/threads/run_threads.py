"""Threads over channels: started together, stopped together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from .channel import Channel


@contextmanager
def run_threads(
    loops: Iterable[tuple[str, Callable[[], None]]], channels: Iterable[Channel[Any]]
) -> Iterator[None]:
    """Run loops on a thread each, until the block ends.

    Parameters
    ----------
    loops
        Name and loop of every thread; a loop ends when one of its channels is aborted.
    channels
        Aborted at the end of the block, which then waits for the threads.
    """
    threads = [Thread(target=loop, name=name, daemon=True) for name, loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for channel in channels:
            channel.abort()
        for thread in threads:
            thread.join()
