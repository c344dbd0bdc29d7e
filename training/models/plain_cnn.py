"""`plain-cnn`: the smallest network that colours, three halvings and three doublings.

Layer table, tanh and the scale of 128: E. Wallner, "How to colorize black and white photos with
just 100 lines of neural network code" (2017), its alpha version.
"""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn

from .layer_table import Conv, Row, Up, stack_from_table
from .published import PublishedNetwork

AB_SCALE: Final = 128.0
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


class PlainCnn(PublishedNetwork):
    """L -> ab at the working resolution."""

    credit = "after E. Wallner, Coloring B&W photos with neural networks, alpha version (2017)"
    working_multiple = 8

    def __init__(self) -> None:
        super().__init__()
        self.layers = stack_from_table(1, TABLE)

    def forward(self, l_plane: Tensor) -> Tensor:
        """Predict colour.

        Parameters
        ----------
        l_plane
            (N, 1, H, W) float, CIELAB L* in 0..100; H and W multiples of 8.

        Returns
        -------
        Tensor
            (N, 2, H, W) float, CIELAB a*, b* in -128..128.
        """
        ab_planes: Tensor = self.layers(l_plane / 50 - 1) * AB_SCALE
        return ab_planes
