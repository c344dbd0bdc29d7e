"""ConvNeXt as the encoder of DDColor.

Layer table: Z. Liu, H. Mao, C.-Y. Wu, C. Feichtenhofer, T. Darrell and S. Xie, "A ConvNet for the
2020s" (2022); the names of weights are those of its authors' code, with a norm for each skip.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

NORM_EPS: Final = 1e-6
EXPANSION: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvNeXtSize:
    """Widths and depths of the four stages."""

    widths: tuple[int, int, int, int]
    depths: tuple[int, int, int, int]


TINY: Final = ConvNeXtSize(widths=(96, 192, 384, 768), depths=(3, 3, 9, 3))
# Known to DDColor's code, though no weights of it are published.
SMALL: Final = ConvNeXtSize(widths=(96, 192, 384, 768), depths=(3, 3, 27, 3))
BASE: Final = ConvNeXtSize(widths=(128, 256, 512, 1024), depths=(3, 3, 27, 3))
LARGE: Final = ConvNeXtSize(widths=(192, 384, 768, 1536), depths=(3, 3, 27, 3))


class ConvNeXt(nn.Module):
    """Normalised RGB to four maps, at 1/4 to 1/32 of the size.

    Parameters
    ----------
    size
        `TINY`, `SMALL`, `BASE` or `LARGE`.
    """

    def __init__(self, size: ConvNeXtSize) -> None:
        super().__init__()
        widths = size.widths
        stem = nn.Sequential(nn.Conv2d(3, widths[0], 4, stride=4), ChannelNorm(widths[0]))
        self.downsample_layers = nn.ModuleList([stem])
        for before, width in pairwise(widths):
            halving = nn.Conv2d(before, width, 2, stride=2)
            self.downsample_layers.append(nn.Sequential(ChannelNorm(before), halving))
        self.stages = nn.ModuleList(
            nn.Sequential(*(Block(width) for _ in range(depth)))
            for width, depth in zip(widths, size.depths, strict=True)
        )
        for index, width in enumerate(widths):
            self.add_module(f"norm{index}", ChannelNorm(width))
        # Of the classifier that the encoder was: stored, never evaluated.
        self.norm = nn.LayerNorm(widths[-1], eps=NORM_EPS)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """(N, 3, H, W) to (N, C, H / 4, W / 4) ... (N, C, H / 32, W / 32)."""
        maps = []
        x = rgb
        for index, (downsample, stage) in enumerate(
            zip(self.downsample_layers, self.stages, strict=True)
        ):
            x = stage(downsample(x))
            maps.append(self.get_submodule(f"norm{index}")(x))
        return maps


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of a (N, C, H, W) map."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=NORM_EPS)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  # as the base calls it
        """(N, C, H, W) to the same shape."""
        return super().forward(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Block(nn.Module):
    """Depthwise 7x7, norm, two 1x1 with GELU between, layer scale; x is added.

    Parameters
    ----------
    channels
        In and out.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.dwconv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=NORM_EPS)
        self.pwconv1 = nn.Linear(channels, EXPANSION * channels)
        self.pwconv2 = nn.Linear(EXPANSION * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        y = self.gamma * self.pwconv2(functional.gelu(self.pwconv1(y)))
        result: Tensor = x + y.permute(0, 3, 1, 2)
        return result
