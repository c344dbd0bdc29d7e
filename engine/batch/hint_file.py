"""Hints for many pictures, from one JSON file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from ...errors import UsageError
from ..pictures.hint import Hint
from .job import Job

# How many names an error lists.
NAMED: Final = 3


def hinted_jobs(jobs: Sequence[Job], hint_file: Path) -> list[Job]:
    """Give each job its hints.

    Parameters
    ----------
    jobs
        Of the run.
    hint_file
        An object: name of a picture -> list of hints as of `Hint.from_json`. A name is the end of a
        source's path: "scan.jpg", or "album/scan.jpg" where several have that name.

    Returns
    -------
    list of Job
        In the same order; those that are not named as they were.

    Raises
    ------
    UsageError
        The file cannot be read, holds something else, or names a picture that is not there or that
        several sources may be.
    """
    named = _read(hint_file)
    sources = [job.source.as_posix() for job in jobs]
    hints_of: dict[int, tuple[Hint, ...]] = {}
    for name, hints in named.items():
        fitting = [
            index
            for index, source in enumerate(sources)
            if source == name or source.endswith(f"/{name}")
        ]
        if len(fitting) != 1:
            found = ", ".join(sources[index] for index in fitting[:NAMED])
            raise UsageError(
                f"{hint_file}: {name!r} is no picture of this run"
                if not fitting
                else f"{hint_file}: {name!r} is {len(fitting)} pictures of this run, {found}; "
                "write more of its path"
            )
        hints_of[fitting[0]] = hints
    return [replace(job, hints=hints_of.get(index, ())) for index, job in enumerate(jobs)]


def _read(hint_file: Path) -> dict[str, tuple[Hint, ...]]:
    try:
        content = json.loads(hint_file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{hint_file}: cannot read it: {error.strerror or error}") from error
    except ValueError as error:
        raise UsageError(f"{hint_file}: expected JSON: {error}") from error
    if not isinstance(content, dict) or not all(
        isinstance(hints, list) for hints in content.values()
    ):
        raise UsageError(
            f'{hint_file}: expected {{"picture.jpg": [{{"x": 0.5, "y": 0.5, "color": "#804020"}}]}}'
        )
    try:
        return {
            name: tuple(Hint.from_json(hint) for hint in hints) for name, hints in content.items()
        }
    except UsageError as error:
        raise UsageError(f"{hint_file}: {error}") from error
