"""Where a key is: sines and cosines of its row and column."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor, nn

TEMPERATURE: Final = 10000.0
EPSILON: Final = 1e-6
# The longest side of a map, in places.
MAX_SIDE: Final = 1024


class PositionCode(nn.Module):
    """A code of `channels` numbers for every place of a map.

    N. Carion et al., "End-to-End Object Detection with Transformers" (2020): the first half of the
    channels codes the row, the second the column, both scaled to 0..2 pi over the map.

    Only a table of whole numbers in float is kept, and sizes are read by slicing it: an exported graph
    has no casts from shapes, which TensorRT would not run in FP16.

    Parameters
    ----------
    channels
        A multiple of 4.
    """

    counts: Tensor
    divisors: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        # On the CPU even where weights are yet to come: no file holds these.
        counts = torch.arange(1.0, MAX_SIDE + 1, device="cpu")
        pairs = torch.arange(half, device="cpu").div(2, rounding_mode="floor")
        self.register_buffer("counts", counts, persistent=False)
        self.register_buffer("divisors", TEMPERATURE ** (2 * pairs / half), persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        """Code the places of a (N, C, H, W) map: (1, channels, H, W)."""
        height, width = features.shape[2:]
        rows = self._along(height)[:, :, None].expand(-1, -1, width)
        columns = self._along(width)[:, None, :].expand(-1, height, -1)
        return torch.cat([rows, columns])[None]

    def _along(self, length: int) -> Tensor:
        """(channels / 2, length)."""
        counts = self.counts[:length]
        turns = counts / (counts[-1:] + EPSILON) * (2 * math.pi)
        angles = turns[None, :] / self.divisors[:, None]
        # Sine and cosine alternate, each pair of one frequency.
        return torch.stack([angles[0::2].sin(), angles[1::2].cos()], dim=1).flatten(0, 1)
