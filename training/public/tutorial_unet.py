"""The plain U-Net of pix2pix in the nested form of its authors' code, as a tutorial trains it.

Layer table: P. Isola, J.-Y. Zhu, T. Zhou and A. A. Efros, "Image-to-Image Translation with
Conditional Adversarial Networks" (2017); facts of this variant: "Image Colorization Tutorial" by
M. Shariatnia.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn

# Of the eight blocks, outermost first.
WIDTHS: Final = (64, 128, 256, 512, 512, 512, 512, 512)
LEAK: Final = 0.2


class TutorialUNet(nn.Module):
    """L* to a*, b*, both scaled."""

    def __init__(self) -> None:
        super().__init__()
        block: Block | None = None
        for outer, inner in reversed(tuple(pairwise(WIDTHS))):
            block = Block(outer, inner, block)
        assert block is not None
        self.model = Outermost(WIDTHS[0], block)

    def forward(self, l_scaled: Tensor) -> Tensor:
        """(N, 1, H, W) L* / 50 - 1 to (N, 2, H, W) a*, b* / 110; H and W multiples of 256."""
        ab: Tensor = self.model(l_scaled)
        return ab


class Outermost(nn.Module):
    """Around all blocks: one channel in, two out.

    Parameters
    ----------
    width
        Between this and the next block.
    inner
        That block.
    """

    def __init__(self, width: int, inner: nn.Module) -> None:
        super().__init__()
        self.model = nn.Sequential(
            nn.Conv2d(1, width, 4, stride=2, padding=1, bias=False),
            inner,
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, 2, 4, stride=2, padding=1),
            nn.Tanh(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, H, W) to (N, 2, H, W)."""
        ab: Tensor = self.model(x)
        return ab


class Block(nn.Module):
    """Halve, the blocks inside, double; what came in is put in front of the result.

    Parameters
    ----------
    outer, inner
        Channels outside and inside.
    block
        The next block; None for the innermost.
    """

    def __init__(self, outer: int, inner: int, block: nn.Module | None) -> None:
        super().__init__()
        down = nn.Conv2d(outer, inner, 4, stride=2, padding=1, bias=False)
        # From a block comes its input with its result.
        inside = inner if block is None else 2 * inner
        up = nn.ConvTranspose2d(inside, outer, 4, stride=2, padding=1, bias=False)
        middle = () if block is None else (nn.BatchNorm2d(inner), block)
        self.model = nn.Sequential(
            nn.LeakyReLU(LEAK), down, *middle, nn.ReLU(), up, nn.BatchNorm2d(outer)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, outer, H, W) to (N, 2 outer, H, W)."""
        return torch.cat([x, self.model(x)], dim=1)
