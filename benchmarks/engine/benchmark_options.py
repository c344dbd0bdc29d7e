"""What `colorize-bench` is to measure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...chosen_model import ChosenModel
from ...errors import UsageError
from .picture_mix import PictureMix

DEFAULT_COUNTS = (16, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkOptions:
    """Every mix with every batch size and every count is measured.

    Parameters
    ----------
    model
        That is measured, on its device.
    mixes
        Pictures to make; not used with `photos`.
    photos
        Pictures to take instead, in place; empty for none.
    photos_name
        What the report calls them.
    batch_sizes
        1..256, or 0 for auto.
    counts
        Pictures in a run; empty is 16 and 64, or as many as there are `photos`.
    repeats
        Rounds over all of it; the report has medians.

    Raises
    ------
    UsageError
        A number is out of range, or there is nothing to measure.
    """

    model: ChosenModel
    mixes: tuple[PictureMix, ...] = ()
    photos: tuple[Path, ...] = ()
    photos_name: str = ""
    batch_sizes: tuple[int, ...] = (0,)
    counts: tuple[int, ...] = ()
    repeats: int = 3

    def __post_init__(self) -> None:
        if not (self.mixes or self.photos):
            raise UsageError("expected pictures to make, or photographs")
        if not self.batch_sizes or not all(0 <= size <= 256 for size in self.batch_sizes):
            raise UsageError("batch size: expected auto or 1..256")
        if not all(count >= 1 for count in self.counts):
            raise UsageError(f"count: expected at least 1, got {min(self.counts)}")
        if self.repeats < 1:
            raise UsageError(f"repeats: expected at least 1, got {self.repeats}")

    @property
    def counts_to_run(self) -> tuple[int, ...]:
        """`counts`, with the default resolved; rising."""
        default = (len(self.photos),) if self.photos else DEFAULT_COUNTS
        return tuple(sorted(set(self.counts or default)))
