"""The cores there are to work with."""

from __future__ import annotations

import math
import os

from .control_group import limits_of


def available_cores() -> int:
    """Number of cores that this process may run on: by affinity, and by its group's quota of time."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, min([cores, *(math.ceil(quota) for quota in _quotas())]))


def _quotas() -> list[float]:
    """Cores' worth of time that each control group has."""
    quotas = []
    for folder, text in limits_of("cpu", "cpu.max", "cpu.cfs_quota_us"):
        quota, *rest = text.split()
        try:
            period = rest[0] if rest else (folder / "cpu.cfs_period_us").read_text()
            if quota not in ("max", "-1"):
                quotas.append(int(quota) / int(period))
        except (OSError, ValueError, ZeroDivisionError):
            continue
    return quotas
