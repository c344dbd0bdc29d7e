"""What the families that are one stack of layers have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from torch import Tensor

from .layer_table import Row, stack_from_table
from .network import ColorNetwork

AB_SCALE: Final = 128.0


class TanhStack(ColorNetwork):
    """L -> ab at the working resolution, through a table whose last activation is tanh.

    Parameters
    ----------
    rows
        The table, from one channel to two.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__()
        self.layers = stack_from_table(1, rows)

    def forward(self, l_plane: Tensor) -> Tensor:
        """Predict colour.

        Parameters
        ----------
        l_plane
            (N, 1, H, W) float, CIELAB L* in 0..100; H and W multiples of `working_multiple`.

        Returns
        -------
        Tensor
            (N, 2, H, W) float, CIELAB a*, b* in -128..128.
        """
        ab_planes: Tensor = self.layers(l_plane / 50 - 1) * AB_SCALE
        return ab_planes
