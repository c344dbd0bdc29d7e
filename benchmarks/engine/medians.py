"""The middle of repeated measurements."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

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
