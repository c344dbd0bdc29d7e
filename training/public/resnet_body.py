"""ResNets without their classifier, with the names that torchvision gives to weights.

Layer tables: K. He, X. Zhang, S. Ren and J. Sun, "Deep Residual Learning for Image Recognition"
(2016); the stride of a bottleneck sits in its 3x3 convolution.
"""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn
from torch.nn import functional

WIDTHS: Final = (64, 128, 256, 512)
# What a bottleneck gives, in units of its width.
EXPANSION: Final = 4
# Children whose outputs a U-Net takes as skips: the stem's ReLU and the stages but the last.
SKIPS: Final = (2, 4, 5, 6)


class ResNetBody(nn.Sequential):
    """Stem and four stages: a thirty-second of the size comes out.

    Parameters
    ----------
    depths
        Blocks of each stage.
    bottleneck
        Whether blocks are 1x1, 3x3, 1x1, or two 3x3.
    in_channels
        Of the picture.
    """

    def __init__(
        self, depths: tuple[int, int, int, int], *, bottleneck: bool, in_channels: int = 3
    ) -> None:
        stages = []
        channels = WIDTHS[0]
        for index, (width, depth) in enumerate(zip(WIDTHS, depths, strict=True)):
            blocks: list[nn.Module] = []
            for position in range(depth):
                stride = 2 if index and not position else 1
                block = Bottleneck if bottleneck else BasicBlock
                blocks.append(block(channels, width, stride))
                channels = width * EXPANSION if bottleneck else width
            stages.append(nn.Sequential(*blocks))
        super().__init__(
            nn.Conv2d(in_channels, WIDTHS[0], 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(WIDTHS[0]),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1),
            *stages,
        )
        scale = EXPANSION if bottleneck else 1
        self.out_channels = channels
        self.skip_channels = (WIDTHS[0], *(width * scale for width in WIDTHS[:-1]))

    def features(self, x: Tensor) -> tuple[list[Tensor], Tensor]:
        """Skips, finest first, and the output, of a (N, C, H, W) picture."""
        skips = []
        for index, layer in enumerate(self):
            x = layer(x)
            if index in SKIPS:
                skips.append(x)
        return skips, x


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and the way round them."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = _way_round(channels, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, width, H / stride, W / stride)."""
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolutions and the way round them."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, width * EXPANSION, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width * EXPANSION)
        self.downsample = _way_round(channels, width * EXPANSION, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, 4 width, H / stride, W / stride)."""
        y = functional.relu(self.bn1(self.conv1(x)))
        y = functional.relu(self.bn2(self.conv2(y)))
        return functional.relu(self.bn3(self.conv3(y)) + self.downsample(x))


def _way_round(channels: int, out_channels: int, stride: int) -> nn.Module:
    if stride == 1 and channels == out_channels:
        return nn.Identity()
    return nn.Sequential(
        nn.Conv2d(channels, out_channels, 1, stride=stride, bias=False),
        nn.BatchNorm2d(out_channels),
    )
