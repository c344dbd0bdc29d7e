"""What one measurement does."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...chosen_model import ChosenModel
from ...engine.batch.job import Job
from ...engine.batch.runner_options import RunnerOptions
from ...engine.pictures.formats import format_of

# Not measured: after so many pictures, memory pools and lazy imports are in place.
WARM_UP_COUNT: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Pictures through a model.

    Parameters
    ----------
    model
        That they go through.
    batch_size
        As `RunnerOptions` takes it; 0 is as the back end prefers.
    files
        The pictures, taken in turn over and over.
    count
        How many times a picture is colorized.
    folder
        For the outputs; each gets its own file, in the format of its source.
    """

    model: ChosenModel
    batch_size: int
    files: tuple[Path, ...]
    count: int
    folder: Path

    @property
    def options(self) -> RunnerOptions:
        """Options of the runner: its defaults, but the batch size."""
        return RunnerOptions(batch_size=self.batch_size)

    def jobs(self) -> Iterator[Job]:
        """`count` jobs."""
        turns = itertools.islice(itertools.cycle(self.files), self.count)
        for number, file in enumerate(turns):
            yield Job(file, self.folder / f"{number:06}{format_of(file).suffixes[0]}")
