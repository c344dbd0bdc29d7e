"""The memory there is to work with."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from pathlib import Path
from typing import Final

from .control_group import limits_of

# What is left for everything that nobody counts.
_SHARE: Final = 0.9
_ARENA_MAX: Final = -8  # M_ARENA_MAX of glibc's mallopt(3)


def available_memory() -> int | None:
    """Bytes that this process may still take; None where the system does not say.

    The least of what is free on the machine, what the control groups leave, and what `ulimit -v`
    does.
    """
    if sys.platform == "win32":
        return None
    left = [
        bytes_left
        for bytes_left in (_free_memory(), _group_memory(), _address_space())
        if bytes_left is not None
    ]
    return max(0, int(_SHARE * min(left))) if left else None


def _free_memory() -> int | None:
    return _kilobytes(Path("/proc/meminfo"), "MemAvailable:")


def _group_memory() -> int | None:
    left = []
    for folder, text in limits_of("memory", "memory.max", "memory.limit_in_bytes"):
        try:
            limit = int(text)
            name = (
                "memory.current"
                if (folder / "memory.current").exists()
                else "memory.usage_in_bytes"
            )
            used = int((folder / name).read_text()) - _cached(folder)
        except (OSError, ValueError):
            continue  # "max", or a group that went
        left.append(limit - max(0, used))
    return min(left) if left else None


def _cached(folder: Path) -> int:
    """Bytes of files in memory, which give way."""
    for line in (folder / "memory.stat").read_text().splitlines():
        name, _, value = line.partition(" ")
        if name in ("inactive_file", "total_inactive_file"):
            return int(value)
    return 0


def _address_space() -> int | None:
    import resource  # noqa: PLC0415  # not on Windows

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    taken = _kilobytes(Path("/proc/self/status"), "VmSize:")
    if limit == resource.RLIM_INFINITY or taken is None:
        return None
    _share_arenas()
    return limit - taken


def _share_arenas() -> None:
    # Each thread would reserve 64 MB of addresses, most of which it never uses.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)


def _kilobytes(file: Path, name: str) -> int | None:
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(name):
            return 1024 * int(line.split()[1])
    return None
