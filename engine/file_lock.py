"""A lock that a process holds on an open file, and that the system takes back when it dies."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

from ..errors import UsageError

_POLL_SECONDS: Final = 0.2


def lock_exclusively(descriptor: int, folder: Path, *, wait: bool) -> None:
    """Lock an open file against other runs.

    Parameters
    ----------
    descriptor
        Of the file; closing it gives up the lock.
    folder
        Named in the error.
    wait
        Wait for the other run to end (Ctrl-C ends the waiting), or refuse at once.

    Raises
    ------
    UsageError
        Another run has it, and `wait` is false.
    """
    while not _try_lock(descriptor):
        if not wait:
            raise UsageError(
                f"another run is writing to {folder}; wait for its end (--wait), or choose another DST"
            )
        time.sleep(_POLL_SECONDS)


if sys.platform == "win32":  # pragma: no cover
    import msvcrt
    import os

    # Windows locks bytes against reading too: one far behind the end of any manifest.
    _FAR: Final = 1 << 40

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import errno
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            # A file system without locks (some network mounts): better no lock than no work.
            return error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL)
        return True
