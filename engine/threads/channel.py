"""A bounded queue between two stages that can be closed and aborted."""

from __future__ import annotations

import sys
from collections import deque
from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")


class ChannelClosed(Exception):  # noqa: N818  # a signal between stages, like StopIteration
    """Nothing more will come, or nothing more is taken."""


class Channel(Generic[Item]):
    """Threads put and get; the last of `producers` to close it ends it.

    Parameters
    ----------
    capacity
        Items held before `put` waits.
    producers
        How many times `close` is called before the channel ends.
    """

    def __init__(self, capacity: int, producers: int) -> None:
        self._items: deque[Item] = deque()
        self._capacity = capacity
        self._producers = producers
        self._aborted = False
        self._changed = Condition()

    def put(self, item: Item, *, wait: bool = True) -> None:
        """Wait for room, unless told otherwise, and add an item; raises ChannelClosed after `abort`."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._aborted or len(self._items) < self._capacity)
            if self._aborted:
                raise ChannelClosed
            self._items.append(item)
            self._changed.notify_all()

    def get(self, *, wait: bool = True) -> Item | None:
        """The next item; None when there is none yet and `wait` is false.

        Raises ChannelClosed once every producer has closed and all items are taken, or after
        `abort`.
        """
        with self._changed:
            if wait:
                self._changed.wait_for(
                    lambda: self._aborted or bool(self._items) or self._producers <= 0
                )
            if self._aborted or (not self._items and self._producers <= 0):
                raise ChannelClosed
            if not self._items:
                return None
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def add_producer(self) -> None:
        """Let one more producer have to close the channel; only while it has others."""
        with self._changed:
            self._producers += 1

    def wind_up(self) -> None:
        """End the channel for who gets, whoever of the producers is left, and let no `put` wait.

        What is there, and what comes later, can still be taken.
        """
        with self._changed:
            self._capacity = sys.maxsize
            self._producers = 0
            self._changed.notify_all()

    def close(self) -> None:
        """Say that one producer is through."""
        with self._changed:
            self._producers -= 1
            self._changed.notify_all()

    def abort(self) -> None:
        """Drop what is held and end every `put` and `get`; idempotent."""
        with self._changed:
            self._aborted = True
            self._items.clear()
            self._changed.notify_all()
