"""What was measured of one workload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .efficiency import Efficiency
from .end_to_end import EndToEnd
from .stage_rates import StageRate
from .statistics import median_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """Medians of the repeated runs of a workload.

    Parameters
    ----------
    pictures
        The label of their mix, or the folder they lie in.
    formats
        Of the pictures.
    count
        Pictures in a run.
    batch
        Batch size that was requested, or "auto".
    end_to_end
        The engine as a whole.
    stages
        Each by itself.
    efficiency
        The one over the other.
    """

    pictures: str
    formats: str
    count: int
    batch: str
    end_to_end: EndToEnd
    stages: tuple[StageRate, ...]
    efficiency: Efficiency

    @classmethod
    def of(
        cls,
        runs: Sequence[EndToEnd],
        stages: Sequence[tuple[StageRate, ...]],
        *,
        pictures: str,
        formats: str,
        count: int,
        batch: str,
    ) -> RunReport:
        """Sum up repeated measurements, at least one of each kind."""
        run, rates = median_of(runs), median_of(stages)
        return cls(
            pictures=pictures,
            formats=formats,
            count=count,
            batch=batch,
            end_to_end=run,
            stages=rates,
            efficiency=Efficiency.of(run.images_per_second, rates, run.device),
        )

    @property
    def key(self) -> tuple[str, int, str]:
        """Finds the like run in another report."""
        return self.pictures, self.count, self.batch

    @property
    def name(self) -> str:
        """Name of the run for people."""
        return f"{self.pictures}, {self.count} images, batch {self.batch}"
