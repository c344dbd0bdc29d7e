"""Arithmetic of measurements: medians, percentiles, and power laws through them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar

import numpy as np

Measurement = TypeVar("Measurement")


def median_of(measurements: Sequence[Measurement]) -> Measurement:
    """Compute the median field by field.

    Parameters
    ----------
    measurements
        Floats, or dataclasses and tuples of them. All else must be the same in each.

    Raises
    ------
    ValueError
        There are none, or what should be the same differs.
    """
    if not measurements:
        raise ValueError("expected at least one measurement, got none")
    median: Measurement = _median(measurements)
    return median


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw:
    """cost = factor * size ** exponent."""

    factor: float
    exponent: float

    @classmethod
    def fitted(cls, sizes: Sequence[float], costs: Sequence[float]) -> PowerLaw:
        """Least squares of log cost over log size.

        Raises
        ------
        ValueError
            Fewer than two different sizes, a cost for each missing, or a value that is not
            positive.
        """
        if len(sizes) != len(costs) or len(set(sizes)) < 2:
            raise ValueError(f"expected two sizes or more with a cost each, got {sizes}, {costs}")
        if min(*sizes, *costs) <= 0:
            raise ValueError(f"expected positive sizes and costs, got {sizes}, {costs}")
        exponent, intercept = np.polyfit(np.log(sizes), np.log(costs), 1)
        return cls(factor=float(np.exp(intercept)), exponent=float(exponent))

    def cost(self, size: float) -> float:
        """Cost that the law predicts for a size."""
        return float(self.factor * size**self.exponent)


def _median(values: Sequence[Any]) -> Any:
    first = values[0]
    if isinstance(first, float):
        return statistics.median(values)
    if isinstance(first, tuple):
        return tuple(map(_median, zip(*values, strict=True)))
    if is_dataclass(first) and not isinstance(first, type):
        return type(first)(
            **{f.name: _median([getattr(value, f.name) for value in values]) for f in fields(first)}
        )
    if any(value != first for value in values):
        raise ValueError(f"expected the same in every measurement, got {values}")
    return first
