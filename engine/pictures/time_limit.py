"""How long one picture may take: decoders in C are stopped, not abandoned."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

from ...errors import TooSlowError
from ...kernels import jpeg
from ..watchdog import WATCHDOG, Call

_of_thread = local()


class Deadline:
    """The moment at which a thread's work on a picture ends.

    Parameters
    ----------
    seconds
        From now.
    """

    def __init__(self, seconds: float) -> None:
        self._moment = time.monotonic() + seconds
        self._calls: list[Call] = []

    @property
    def has_passed(self) -> bool:
        """Whether the moment has come."""
        return time.monotonic() >= self._moment

    def stop(self, image: Any) -> None:
        """Have libvips end the evaluation of an image, and of all that is made of it, in time."""
        self._calls.append(WATCHDOG.call_at(self._moment, lambda: image.set_kill(True)))

    def end(self) -> None:
        """Let go of the images."""
        for call in self._calls:
            call.cancel()


def current_deadline() -> Deadline | None:
    """Return the deadline of the calling thread, if it has one."""
    deadline: Deadline | None = getattr(_of_thread, "deadline", None)
    return deadline


def stop_in_time(image: Any) -> None:
    """Have libvips end the evaluation of an image at the deadline of the calling thread."""
    deadline = current_deadline()
    if deadline is not None:
        deadline.stop(image)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Stop the decoders that the calling thread uses in the block, after so many seconds.

    The JPEG decoder of the coefficient path stops between two rows of a scan, libvips between two
    regions. Formats that their library decodes in one call (WebP, AVIF, interlaced PNG) end that
    call first; their time is bounded by the number of pixels.

    Parameters
    ----------
    seconds
        More than 0; from the beginning of the block. Blocks are not nested.

    Raises
    ------
    TooSlowError
        What the block raised, once the time was over.
    """
    deadline = Deadline(seconds)
    _of_thread.deadline = deadline
    jpeg.set_deadline(seconds)
    try:
        yield
    except Exception as error:
        if deadline.has_passed:
            raise TooSlowError("stopped in the middle of decoding") from error
        raise
    finally:
        _of_thread.deadline = None
        jpeg.set_deadline(0)
        deadline.end()
