"""The running average of the weights: what is validated, kept and exported."""

from __future__ import annotations

from collections.abc import Callable

import torch
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor


class RunningAverage(WeightAveraging):
    """An exponential moving average that forgets the first weights quickly.

    After `n` steps the average keeps min(`decay`, (1 + n) / (10 + n)) of itself, the rule of
    TensorFlow's ExponentialMovingAverage with `num_updates`: a run of a few hundred steps would
    otherwise end with much of its untrained weights still in the average.

    Parameters
    ----------
    decay
        What the average keeps of itself at a step, 0..1, once the run is long.
    """

    def __init__(self, decay: float) -> None:
        super().__init__(multi_avg_fn=_average_with(decay))


def _average_with(decay: float) -> Callable[[list[Tensor], list[Tensor], Tensor], None]:
    @torch.no_grad()
    def average(averages: list[Tensor], weights: list[Tensor], count: Tensor) -> None:
        steps = int(count)
        step_share = 1 - min(decay, (1 + steps) / (10 + steps))
        if averages[0].is_floating_point():
            torch._foreach_lerp_(  # pyright: ignore[reportPrivateImportUsage]
                averages, weights, step_share
            )
        else:  # how many batches a normalisation has seen
            for kept, current in zip(averages, weights, strict=True):
                kept.copy_(current)

    return average
