"""`plain-cnn`: the smallest network that colours, three halvings and three doublings.

Layer table, tanh and the scale of 128: E. Wallner, "How to colorize black and white photos with
just 100 lines of neural network code" (2017), its alpha version.
"""

from __future__ import annotations

from typing import Final

from torch import nn

from .layer_table import Conv, Row, Up
from .tanh_stack import TanhStack

TABLE: Final[tuple[Row, ...]] = (
    Conv(8, stride=2),
    Conv(8),
    Conv(16),
    Conv(16, stride=2),
    Conv(32),
    Conv(32, stride=2),
    Up(),
    Conv(32),
    Up(),
    Conv(16),
    Up(),
    Conv(2, activation=nn.Tanh),
)


class PlainCnn(TanhStack):
    """L -> ab at the working resolution."""

    credit = "after E. Wallner, Coloring B&W photos with neural networks, alpha version (2017)"
    working_multiple = 8

    def __init__(self) -> None:
        super().__init__(TABLE)
