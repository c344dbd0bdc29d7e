"""Plain stacks of layers, written as the tables that papers print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from torch import nn


@dataclass(frozen=True, slots=True)
class Conv:
    """A row: a convolution that keeps the size, but for its stride, and its activation."""

    channels: int
    stride: int = 1
    kernel: int = 3
    activation: type[nn.Module] = nn.ReLU


@dataclass(frozen=True, slots=True)
class Up:
    """A row: every pixel repeated `factor` times in both directions."""

    factor: int = 2


@dataclass(frozen=True, slots=True)
class Drop:
    """A row: dropout of this share of the activations."""

    share: float


Row: TypeAlias = Conv | Up | Drop


def stack_from_table(in_channels: int, rows: Sequence[Row]) -> nn.Sequential:
    """Build the layers of a table, one below the other.

    Weights start as Keras starts them, which most of the published tables were trained with:
    uniformly as X. Glorot and Y. Bengio (2010) say, biases at 0.

    Parameters
    ----------
    in_channels
        Of the (N, C, H, W) that the first row takes.
    rows
        From top to bottom; kernels odd.
    """
    layers: list[nn.Module] = []
    channels = in_channels
    for row in rows:
        match row:
            case Conv():
                conv = nn.Conv2d(
                    channels, row.channels, row.kernel, row.stride, padding=row.kernel // 2
                )
                nn.init.xavier_uniform_(conv.weight)
                nn.init.zeros_(conv.bias)  # type: ignore[arg-type]  # there is one
                layers += [conv, row.activation()]
                channels = row.channels
            case Up():
                layers.append(nn.Upsample(scale_factor=row.factor, mode="nearest"))
            case Drop():
                layers.append(nn.Dropout(row.share))
    return nn.Sequential(*layers)
