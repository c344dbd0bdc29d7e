"""The running average starts near the current weights and slows to its decay."""

from __future__ import annotations

import pytest
import torch
from torch.optim.swa_utils import AveragedModel

from colorize_batch.training.callbacks.averaging import _average_with


def test_average_keeps_a_growing_share() -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    averaged = AveragedModel(model, multi_avg_fn=_average_with(0.5), use_buffers=True)
    expected = None
    for n, weight in enumerate([1.0, 0.0, 4.0, -2.0]):
        torch.nn.init.constant_(model.weight, weight)
        averaged.update_parameters(model)
        keep = min(0.5, (1 + n) / (10 + n))
        expected = weight if expected is None else keep * expected + (1 - keep) * weight
        assert averaged.module.weight.item() == pytest.approx(expected)


def test_counters_are_copied() -> None:
    model = torch.nn.BatchNorm2d(2)
    averaged = AveragedModel(model, multi_avg_fn=_average_with(0.9), use_buffers=True)
    for _ in range(3):
        model(torch.ones(2, 2, 3, 3))
        averaged.update_parameters(model)
    assert int(averaged.module.num_batches_tracked) == 3
