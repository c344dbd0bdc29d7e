"""Ctrl-C, SIGTERM and SIGHUP: at any moment one line and exit code 130."""

from __future__ import annotations

import contextlib
import os
import signal
from threading import Event
from types import FrameType
from typing import Final, NoReturn

SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
EXIT_INTERRUPTED: Final = 130

_arrived: Final = Event()


def leave_at_once(name: str) -> None:
    """Let a signal end the process while it starts: there is nothing yet that could be lost.

    Imports that are interrupted fail in ways of their own, so no exception is raised.

    Parameters
    ----------
    name
        Of the command.
    """

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        del number, frame
        with contextlib.suppress(OSError):
            os.write(2, f"{name}: error: stopped\n".encode())
        os._exit(EXIT_INTERRUPTED)

    _handle(leave)


def raise_interrupt() -> None:
    """Let a signal raise KeyboardInterrupt, so that work which has begun is finished or undone."""

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        del number, frame
        _arrived.set()
        raise KeyboardInterrupt

    _arrived.clear()
    _handle(interrupt)


def has_arrived() -> bool:
    """Whether a signal was raised as an interrupt: what fails after that failed because of it."""
    return _arrived.is_set()


def ignore() -> None:
    """Let signals pass while the process ends with what it has to say."""
    _handle(signal.SIG_IGN)


def _handle(action: signal._HANDLER) -> None:
    for number in SIGNALS:
        # nohup and background jobs of a shell ignore signals from the start: so do we.
        if signal.getsignal(number) is not signal.SIG_IGN:
            with contextlib.suppress(ValueError):  # not the main thread
                signal.signal(number, action)
