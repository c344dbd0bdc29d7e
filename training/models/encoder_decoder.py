"""`encoder-decoder`: a deeper stack, narrowing to an eighth of the resolution and widening again.

Layer table, tanh and the scale of 128: E. Wallner, "How to colorize black and white photos with
just 100 lines of neural network code" (2017), its beta version.
"""

from __future__ import annotations

from typing import Final

from torch import nn

from .layer_table import Conv, Row, Up
from .tanh_stack import TanhStack

TABLE: Final[tuple[Row, ...]] = (
    Conv(64),
    Conv(64, stride=2),
    Conv(128),
    Conv(128, stride=2),
    Conv(256),
    Conv(256, stride=2),
    Conv(512),
    Conv(256),
    Conv(128),
    Up(),
    Conv(64),
    Up(),
    Conv(32),
    Conv(2, activation=nn.Tanh),
    Up(),
)


class EncoderDecoder(TanhStack):
    """L -> ab at the working resolution."""

    credit = "after E. Wallner, Coloring B&W photos with neural networks, beta version (2017)"
    working_multiple = 8

    def __init__(self) -> None:
        super().__init__(TABLE)
