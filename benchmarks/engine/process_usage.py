"""What this process has taken of the machine."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")


def cpu_seconds() -> float:
    """User and system time of all threads so far (getrusage)."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_rss_mib() -> float:
    """The most memory that was resident at one time, MiB.

    Linux lets a started program inherit `ru_maxrss` from the one that started it, so there the
    high-water mark of the program's own memory is read (proc_pid_status(5), VmHWM).
    """
    if _STATUS.exists():
        mark = re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text())
        if mark is not None:
            return int(mark[1]) / 1024
    bytes_per_unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * bytes_per_unit / 2**20
