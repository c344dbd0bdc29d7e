"""DeOldify's generators: U-Nets on ResNets, with spectral norm and self-attention.

Facts of the networks (layer tables, order of norms, widths): DeOldify by J. Antic, built on fastai 1
by J. Howard and others. Stable and video are one network with two sets of weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from .normed_conv import SpectralConv, WeightNormConv
from .pixel_shuffle import ShuffleUp, at_size_of
from .resnet_body import ResNetBody
from .self_attention import SelfAttention

# Of normalised RGB: the sigmoid's range.
HIGHEST: Final = 3.0
# The block behind which attention sits, counted from the deepest.
ATTENTION_BLOCK: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What tells the two networks apart.

    Parameters
    ----------
    depths, bottleneck
        Of the ResNet.
    deep
        Two convolutions a block, or one.
    halves, widths
        Channels of the upsampled part and of the output of the four blocks, deepest first.
    """

    depths: tuple[int, int, int, int]
    bottleneck: bool
    deep: bool
    halves: tuple[int, int, int, int]
    widths: tuple[int, int, int, int]


ARTISTIC: Final = Design(
    depths=(3, 4, 6, 3),
    bottleneck=False,
    deep=True,
    halves=(256, 384, 384, 336),
    widths=(768, 768, 672, 300),
)
WIDE: Final = Design(
    depths=(3, 4, 23, 3),
    bottleneck=True,
    deep=False,
    halves=(512, 512, 512, 256),
    widths=(512, 512, 512, 256),
)


class DeOldify(nn.Module):
    """Normalised gray RGB to normalised RGB in -3..3.

    Parameters
    ----------
    design
        `ARTISTIC` or `WIDE`.
    """

    def __init__(self, design: Design) -> None:
        super().__init__()
        body = ResNetBody(design.depths, bottleneck=design.bottleneck)
        deepest = body.out_channels
        blocks = []
        channels = deepest
        table = zip(reversed(body.skip_channels), design.halves, design.widths, strict=True)
        for index, (skip, half, width) in enumerate(table):
            attention = index == ATTENTION_BLOCK
            blocks.append(Block(channels, half, skip, width, deep=design.deep, attention=attention))
            channels = width
        joined = channels + 3
        self.layers = nn.ModuleList(
            [
                body,
                nn.BatchNorm2d(deepest),
                nn.ReLU(),
                nn.Sequential(
                    nn.Sequential(*_conv(deepest, 2 * deepest)),
                    nn.Sequential(*_conv(2 * deepest, deepest)),
                ),
                *blocks,
                ShuffleUp(WeightNormConv(channels, 4 * channels)),
                nn.Identity(),  # joins the picture to the features: nothing is stored
                Residual(joined),
                nn.Sequential(SpectralConv(joined, 3, 1, bias=True)),
            ]
        )

    def forward(self, rgb: Tensor) -> Tensor:
        """(N, 3, H, W) to the same shape, both ImageNet-normalised; H and W even."""
        body, norm, relu, middle, *blocks, last_up, _, residual, to_rgb = self.layers
        assert isinstance(body, ResNetBody)
        skips, x = body.features(rgb)
        x = middle(relu(norm(x)))
        for block, skip in zip(blocks, reversed(skips), strict=True):
            x = block(x, skip)
        x = residual(torch.cat([last_up(x), rgb], dim=1))
        return torch.sigmoid(to_rgb(x)) * (2 * HIGHEST) - HIGHEST


class Block(nn.Module):
    """Upsample, join the skip, convolve.

    Parameters
    ----------
    channels, half, skip, width
        That come in, of the upsampled part, of the skip, that go out.
    deep
        Two convolutions or one.
    attention
        Whether self-attention stands at the end.
    """

    def __init__(
        self, channels: int, half: int, skip: int, width: int, *, deep: bool, attention: bool
    ) -> None:
        super().__init__()
        self.shuf = ShuffleUp(
            SpectralConv(channels, 4 * half, 1),
            nn.BatchNorm2d(4 * half),
        )
        self.bn = nn.BatchNorm2d(skip)
        closing = [SelfAttention(width)] if attention else []
        if deep:
            self.conv1 = nn.Sequential(*_conv(half + skip, width))
            self.conv2 = nn.Sequential(*_conv(width, width), *closing)
        else:
            self.conv = nn.Sequential(*_conv(half + skip, width), *closing)
        self._deep = deep

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, channels, h, w) and (N, skip, H, W) to (N, width, H, W)."""
        up = at_size_of(skip, self.shuf(x))
        joined = functional.relu(torch.cat([up, self.bn(skip)], dim=1))
        convolved: Tensor = self.conv2(self.conv1(joined)) if self._deep else self.conv(joined)
        return convolved


class Residual(nn.Module):
    """x + two convolutions with bias, each with ReLU."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Sequential(SpectralConv(channels, channels, 3, bias=True), nn.ReLU()),
            nn.Sequential(SpectralConv(channels, channels, 3, bias=True), nn.ReLU()),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        changed: Tensor = self.layers(x)
        return x + changed


def _conv(channels: int, width: int) -> list[nn.Module]:
    """3x3, ReLU, and the norm behind it."""
    return [SpectralConv(channels, width, 3), nn.ReLU(), nn.BatchNorm2d(width)]
