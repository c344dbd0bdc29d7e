"""Standard streams that may be closed, full or of any encoding, and never end the work."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import Any, TextIO


class ForgivingWriter(io.RawIOBase):
    """A descriptor to write to; what it does not take is dropped.

    Parameters
    ----------
    descriptor
        Stays open.

    Attributes
    ----------
    error
        The first failure, unless the reader has only gone away; None so far.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.error: OSError | None = None
        self._descriptor = descriptor

    def writable(self) -> bool:
        """Whether it can be written to: yes."""
        return True

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._descriptor)

    def write(self, data: Any, /) -> int:
        """Write all, or note why not; either way all is taken."""
        left = memoryview(data).cast("B")
        size = len(left)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                continue
            except OSError as error:
                if error.errno != errno.EPIPE:
                    self.error = self.error or error
                break
        return size


def forgiving_streams() -> None:
    """Make `sys.stdout` and `sys.stderr` forgiving, and fill descriptors that are closed.

    A file that is opened would else get the number of a closed standard stream, and what a library
    writes there would end in it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if descriptor == 0 else os.O_WRONLY)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # it stays open
    sys.stdout = _forgiving(sys.stdout, 1)
    sys.stderr = _forgiving(sys.stderr, 2)


def tell_lost_output(name: str) -> None:
    """Say in a line on standard error that standard output did not take all."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    writer = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(writer, ForgivingWriter) and writer.error is not None:
        print(
            f"{name}: note: standard output took not all: {writer.error.strerror}", file=sys.stderr
        )


def _forgiving(stream: TextIO | None, descriptor: int) -> TextIO:
    if stream is not None and not isinstance(stream, io.TextIOWrapper):
        return stream  # somebody put it there
    encoding = stream.encoding if stream is not None else "utf-8"
    writer = io.BufferedWriter(ForgivingWriter(descriptor))
    is_line = descriptor == 2 or writer.isatty()
    return io.TextIOWrapper(
        writer, encoding=encoding, errors="backslashreplace", line_buffering=is_line
    )
