import math

import torch
from torch import nn

from colorize_batch.training.models.layer_table import Conv, Drop, Up, stack_from_table


def test_rows_become_layers() -> None:
    stack = stack_from_table(
        1, (Conv(4, stride=2, kernel=5), Drop(0.3), Up(4), Conv(2, activation=nn.Tanh))
    )
    assert [type(layer) for layer in stack] == [
        *(nn.Conv2d, nn.ReLU, nn.Dropout, nn.Upsample, nn.Conv2d, nn.Tanh)
    ]
    assert stack(torch.zeros(2, 1, 16, 24)).shape == (2, 2, 32, 48)


def test_starts_as_keras_does() -> None:
    torch.manual_seed(0)
    conv = stack_from_table(8, (Conv(16),))[0]
    assert isinstance(conv, nn.Conv2d)
    limit = math.sqrt(6 / (8 * 9 + 16 * 9))
    assert 0.98 * limit < conv.weight.abs().max() <= limit
    assert conv.bias is not None
    assert not conv.bias.any()
