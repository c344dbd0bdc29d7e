"""The work of a stage on one picture, whose failure is the outcome of that picture alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from ...errors import TooSlowError, one_line
from ..pictures.time_limit import time_limit
from .job import Outcome
from .running_job import RunningJob

log: Final = logging.getLogger("colorize_batch")

Given = TypeVar("Given")
Made = TypeVar("Made")


def attempted(
    stage: str, job: RunningJob, work: Callable[[Given], Made], given: Given
) -> Made | Outcome:
    """Do a stage's work; what it raises is the outcome of the job."""
    try:
        with job.timed(stage):
            return work(given)
    except Exception as error:  # a failed picture must not stop the run
        return job.failed(reason_of(error))


def attempted_in_time(
    max_seconds: float,
    stage: str,
    job: RunningJob,
    work: Callable[[Given], Made],
    given: Given,
) -> Made | Outcome:
    """Do a stage's work that a hostile file can make long; see `attempted`.

    Parameters
    ----------
    max_seconds
        That all such work on the job may take together.
    """
    too_slow = f"it takes longer than {max_seconds:g} s; raise that with --max-seconds"
    left = max_seconds - job.decoding.seconds
    if left <= 0:
        return job.failed(too_slow)
    try:
        with job.timed(stage, counts=True), time_limit(left):
            return work(given)
    except TooSlowError:
        return job.failed(too_slow)
    except Exception as error:  # a failed picture must not stop the run
        return job.failed(reason_of(error))


def reason_of(error: Exception) -> str:
    """One line for the user; the traceback of what is unexpected goes to the log."""
    if isinstance(error, MemoryError):
        return "not enough memory for this picture; lower --max-pixels or --workers"
    log.debug("a picture failed", exc_info=error)
    return one_line(error)
