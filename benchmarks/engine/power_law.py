"""How a cost grows: the exponent of a power law through measured points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


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
