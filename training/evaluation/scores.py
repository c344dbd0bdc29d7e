"""The results of an evaluation: of one photograph, and of all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from ...errors import DatasetError
from .metrics import ColorMetrics, RgbU8

# What a photograph's colours are predicted by.
MODEL: Final = "model"
GRAY: Final = "gray"
CONSTANT: Final = "constant"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoScore:
    """One photograph's result.

    Attributes
    ----------
    name
        Of the photograph.
    metrics
        Of `MODEL`, of `GRAY` (left without colour) and, if it was requested, of `CONSTANT` (one
        colour for every pixel).
    true_colorfulness
        Of the photograph itself.
    true_blotches
        Variation of the photograph's own colours where it is plain; nan if it is so nowhere.
    """

    name: str
    metrics: Mapping[str, ColorMetrics]
    true_colorfulness: float
    true_blotches: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredPhoto:
    """A result with the pictures it comes from, (H, W, 3) uint8 sRGB each.

    Attributes
    ----------
    score
        The result; its name is the photograph's.
    group
        Where the photograph comes from: its folder, or what its name begins with.
    colored
        What each method made of it, by the names of `score.metrics`.
    true_u8
        The photograph itself.
    """

    score: PhotoScore
    group: str
    colored: Mapping[str, RgbU8]
    true_u8: RgbU8


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Means over photographs, each counting the same; names as in `PhotoScore`.

    What cannot be measured on a photograph is averaged over the others; nan if it can be on none.
    """

    photos: int
    metrics: Mapping[str, ColorMetrics]
    true_colorfulness: float
    true_blotches: float

    @classmethod
    def of(cls, scores: Sequence[PhotoScore]) -> Summary:
        """Average.

        Raises
        ------
        DatasetError
            There is nothing to average.
        """
        if not scores:
            raise DatasetError("nothing to evaluate on: expected readable colour photographs")
        return cls(
            photos=len(scores),
            metrics={
                method: ColorMetrics(
                    **{
                        field.name: _mean(getattr(s.metrics[method], field.name) for s in scores)
                        for field in fields(ColorMetrics)
                    }
                )
                for method in scores[0].metrics
            },
            true_colorfulness=_mean(score.true_colorfulness for score in scores),
            true_blotches=_mean(score.true_blotches for score in scores),
        )

    def gain_over(self, method: str) -> float:
        """Share by which the model's CIEDE2000 is lower than that of another method."""
        return 1 - self.metrics[MODEL].ciede2000 / self.metrics[method].ciede2000


def _mean(values: Iterable[float]) -> float:
    measured = [value for value in values if not math.isnan(value)]
    return float(np.mean(measured)) if measured else math.nan
