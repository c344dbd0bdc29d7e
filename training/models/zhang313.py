"""`zhang313`: colour as a choice among 313 bins, decoded by the annealed mean.

Layer table, bins and decoding: R. Zhang, P. Isola and A. A. Efros, "Colorful Image Colorization"
(2016): ReLU after every convolution, batch norm after every block, dilated convolutions in the
fifth and sixth, L* centred on 50 and divided by 100.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from torch import Tensor, nn
from typing_extensions import override

from ..color.gamut_bins import BIN_COUNT
from .bin_network import TEMPERATURE, BinNetwork
from .options import check_option


@dataclass(frozen=True, slots=True)
class Block:
    """A row of the layer table: `convs` 3x3 convolutions, the last of them with the stride."""

    convs: int
    width: int
    stride: int = 1
    dilation: int = 1


# Widths in units of `filters`: 64, 128, 256 and 512 channels as published.
BLOCKS: Final = (
    Block(convs=2, width=1, stride=2),
    Block(convs=2, width=2, stride=2),
    Block(convs=3, width=4, stride=2),
    Block(convs=3, width=8),
    Block(convs=3, width=8, dilation=2),
    Block(convs=3, width=8, dilation=2),
    Block(convs=3, width=8),
)
HEAD_WIDTH: Final = 4


class Zhang313(BinNetwork):
    """L -> ab at a quarter of the working resolution.

    Parameters
    ----------
    filters
        Channels of the first block; 64 as published.
    temperature
        See `BinNetwork`.

    Raises
    ------
    UsageError
        An option is out of its range.
    """

    credit = "after R. Zhang, P. Isola, A. A. Efros, Colorful Image Colorization (2016)"
    working_multiple = 8

    def __init__(self, *, filters: int = 64, temperature: float = TEMPERATURE) -> None:
        super().__init__(temperature=temperature)
        check_option("filters", filters, filters > 0, "a positive number")
        layers: list[nn.Module] = []
        channels = 1
        for block in BLOCKS:
            layers += _block(channels, block, filters)
            channels = block.width * filters
        head = HEAD_WIDTH * filters
        self.layers = nn.Sequential(
            *layers,
            nn.ConvTranspose2d(channels, head, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(head, head, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(head, head, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(head, BIN_COUNT, 1),
        )

    @override
    def logits(self, l_plane: Tensor) -> Tensor:
        """Score the bins, unnormalised: (N, 1, H, W) L* -> (N, 313, H / 4, W / 4)."""
        scores: Tensor = self.layers((l_plane - 50) / 100)
        return scores


def _block(in_channels: int, block: Block, filters: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    channels = block.width * filters
    for index in range(block.convs):
        layers += [
            nn.Conv2d(
                in_channels if index == 0 else channels,
                channels,
                3,
                stride=block.stride if index == block.convs - 1 else 1,
                padding=block.dilation,
                dilation=block.dilation,
            ),
            nn.ReLU(),
        ]
    return [*layers, nn.BatchNorm2d(channels)]
