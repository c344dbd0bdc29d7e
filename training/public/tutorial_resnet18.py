"""The generator of a pix2pix tutorial: a U-Net on ResNet18, as fastai 2 builds it.

Facts of the network: "Image Colorization Tutorial" by M. Shariatnia; fastai's DynamicUnet by
J. Howard and others.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from .pixel_shuffle import at_size_of
from .resnet_body import ResNetBody

# Of the four blocks' upsampled parts and outputs, deepest first.
HALVES: Final = (256, 256, 192, 128)
WIDTHS: Final = (512, 384, 256, 96)


class TutorialResNet18(nn.Module):
    """L* to a*, b*, both scaled."""

    def __init__(self) -> None:
        super().__init__()
        body = ResNetBody((2, 2, 2, 2), bottleneck=False, in_channels=1)
        deepest = channels = body.out_channels
        blocks = []
        for skip, half, width in zip(reversed(body.skip_channels), HALVES, WIDTHS, strict=True):
            blocks.append(Block(channels, half, skip, width))
            channels = width
        joined = channels + 1
        self.layers = nn.ModuleList(
            [
                body,
                nn.BatchNorm2d(deepest),
                nn.ReLU(),
                nn.Sequential(_conv(deepest, 2 * deepest, 3), _conv(2 * deepest, deepest, 3)),
                *blocks,
                nn.Sequential(_conv(channels, 4 * channels, 1), nn.PixelShuffle(2)),
                nn.Identity(),  # brings the features to the size of the picture
                nn.Identity(),  # joins the picture to them; neither stores anything
                Residual(joined),
                nn.Sequential(nn.Conv2d(joined, 2, 1)),
            ]
        )

    def forward(self, l_scaled: Tensor) -> Tensor:
        """(N, 1, H, W) L* / 50 - 1 to (N, 2, H, W) a*, b* / 110, without bound."""
        body, norm, relu, middle, *blocks, last_up, _, _, residual, to_ab = self.layers
        assert isinstance(body, ResNetBody)
        skips, x = body.features(l_scaled)
        x = middle(relu(norm(x)))
        for block, skip in zip(blocks, reversed(skips), strict=True):
            x = block(x, skip)
        x = at_size_of(l_scaled, last_up(x))
        ab: Tensor = to_ab(residual(torch.cat([x, l_scaled], dim=1)))
        return ab


class Block(nn.Module):
    """Upsample, join the skip, convolve twice.

    Parameters
    ----------
    channels, half, skip, width
        That come in, of the upsampled part, of the skip, that go out.
    """

    def __init__(self, channels: int, half: int, skip: int, width: int) -> None:
        super().__init__()
        self.shuf = nn.Sequential(_conv(channels, 4 * half, 1), nn.PixelShuffle(2))
        self.bn = nn.BatchNorm2d(skip)
        self.conv1 = _conv(half + skip, width, 3)
        self.conv2 = _conv(width, width, 3)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, channels, h, w) and (N, skip, H, W) to (N, width, H, W)."""
        joined = torch.cat([at_size_of(skip, self.shuf(x)), self.bn(skip)], dim=1)
        convolved: Tensor = self.conv2(self.conv1(functional.relu(joined)))
        return convolved


class Residual(nn.Module):
    """ReLU(x + two convolutions)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convpath = nn.Sequential(
            _conv(channels, channels, 3),
            nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        return functional.relu(x + self.convpath(x))


def _conv(channels: int, width: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, width, kernel, padding=kernel // 2), nn.ReLU())
