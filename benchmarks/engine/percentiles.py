"""Percentiles of a run's latencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """The middle and the tail of a sample, interpolated linearly between neighbours."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, sample: Sequence[float]) -> Percentiles:
        """Compute the percentiles of a series.

        Raises
        ------
        ValueError
            The sample is empty.
        """
        if not sample:
            raise ValueError("expected at least one value, got none")
        p50, p95, p99 = (float(value) for value in np.percentile(sample, (50, 95, 99)))
        return cls(p50=p50, p95=p95, p99=p99)
