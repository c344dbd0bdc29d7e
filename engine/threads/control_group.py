"""Limits that a container or a job scheduler sets: Linux control groups, version 2 and 1."""

from __future__ import annotations

from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


def limits_of(controller: str, name_v2: str, name_v1: str) -> list[tuple[Path, str]]:
    """Folder and text of a limit's file in every group that this process is in, up to the root.

    Parameters
    ----------
    controller
        Of version 1, such as "memory".
    name_v2, name_v1
        Of the file, in either version.
    """
    try:
        lines = MEMBERSHIP.read_text().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        is_v2 = controllers == ""
        if not is_v2 and controller not in controllers.split(","):
            continue
        base = ROOT if is_v2 else ROOT / controllers
        if not base.is_dir():
            base = ROOT / controller
        name = name_v2 if is_v2 else name_v1
        folder = base / path.lstrip("/")
        # Within a container the path may be that of the host, of which only the root is seen.
        for group in {folder: None, **dict.fromkeys(folder.parents), base: None}:
            if group != base and base not in group.parents:
                continue
            try:
                found.append((group, (group / name).read_text().strip()))
            except OSError:
                continue
    return found
