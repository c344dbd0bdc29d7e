"""What happens to outputs that are there already."""

from __future__ import annotations

from enum import StrEnum

from .job import Job
from .manifest import Manifest


class Existing(StrEnum):
    """Leave every one alone, replace all, or replace those not finished with the same settings."""

    KEEP = "keep"
    OVERWRITE = "overwrite"
    RESUME = "resume"


def reason_to_skip(job: Job, existing: Existing, manifest: Manifest | None) -> str:
    """Why a job need not be done; empty if it must be.

    Parameters
    ----------
    job
        With an output.
    existing
        The rule.
    manifest
        Of the output folder; without one, `RESUME` leaves existing outputs alone.
    """
    if existing is Existing.OVERWRITE or job.output is None or not job.output.exists():
        return ""
    if existing is Existing.KEEP:
        return "its output exists"
    if manifest is None or manifest.is_finished(job):
        return "finished before"
    return ""
