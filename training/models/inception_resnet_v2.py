"""Inception-ResNet-v2, the ImageNet classifier that `fusion` asks what a picture shows.

Layer table: C. Szegedy, S. Ioffe, V. Vanhoucke and A. Alemi, "Inception-v4, Inception-ResNet and
the Impact of Residual Connections on Learning" (2016), in the form whose weights were released
with TensorFlow-Slim; it differs from the paper's figures in some widths and in the last block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES: Final = 1000
FEATURES: Final = 1536
BATCH_NORM_EPS: Final = 1e-3
# The smallest picture that leaves a pixel at the end.
MIN_SIDE: Final = 75


@dataclass(frozen=True, slots=True)
class Conv:
    """A row: convolution, batch norm, ReLU; padded to keep the size ("same") or not ("valid")."""

    channels: int
    kernel: tuple[int, int] = (1, 1)
    stride: int = 1
    same: bool = True


@dataclass(frozen=True, slots=True)
class Pool:
    """A row: 3x3, either the average at stride 1, of what lies inside, or the maximum at 2."""

    average: bool = False


Branch = tuple[Conv | Pool, ...]

STEM: Final[Branch] = (
    Conv(32, (3, 3), stride=2, same=False),
    Conv(32, (3, 3), same=False),
    Conv(64, (3, 3)),
    Pool(),
    Conv(80),
    Conv(192, (3, 3), same=False),
    Pool(),
)
MIXED_5B: Final[tuple[Branch, ...]] = (
    (Conv(96),),
    (Conv(48), Conv(64, (5, 5))),
    (Conv(64), Conv(96, (3, 3)), Conv(96, (3, 3))),
    (Pool(average=True), Conv(64)),
)
BLOCK_35: Final[tuple[Branch, ...]] = (
    (Conv(32),),
    (Conv(32), Conv(32, (3, 3))),
    (Conv(32), Conv(48, (3, 3)), Conv(64, (3, 3))),
)
MIXED_6A: Final[tuple[Branch, ...]] = (
    (Conv(384, (3, 3), stride=2, same=False),),
    (Conv(256), Conv(256, (3, 3)), Conv(384, (3, 3), stride=2, same=False)),
    (Pool(),),
)
BLOCK_17: Final[tuple[Branch, ...]] = (
    (Conv(192),),
    (Conv(128), Conv(160, (1, 7)), Conv(192, (7, 1))),
)
MIXED_7A: Final[tuple[Branch, ...]] = (
    (Conv(256), Conv(384, (3, 3), stride=2, same=False)),
    (Conv(256), Conv(288, (3, 3), stride=2, same=False)),
    (Conv(256), Conv(288, (3, 3)), Conv(320, (3, 3), stride=2, same=False)),
    (Pool(),),
)
BLOCK_8: Final[tuple[Branch, ...]] = (
    (Conv(192),),
    (Conv(192), Conv(224, (1, 3)), Conv(256, (3, 1))),
)


class InceptionResNetV2(nn.Module):
    """RGB to the 1000 ImageNet logits; 55.8 million parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _sequence(3, STEM)
        self.mixed_5b = Mixed(192, MIXED_5B)
        self.blocks_35 = nn.Sequential(*(Residual(320, BLOCK_35, 0.17) for _ in range(10)))
        self.mixed_6a = Mixed(320, MIXED_6A)
        self.blocks_17 = nn.Sequential(*(Residual(1088, BLOCK_17, 0.10) for _ in range(20)))
        self.mixed_7a = Mixed(1088, MIXED_7A)
        self.blocks_8 = nn.Sequential(
            *(Residual(2080, BLOCK_8, 0.20) for _ in range(9)),
            Residual(2080, BLOCK_8, 1.0, linear=True),
        )
        self.head = ConvNorm(2080, Conv(FEATURES))
        self.classifier = nn.Linear(FEATURES, CLASSES)

    def forward(self, rgb: Tensor) -> Tensor:
        """Classify.

        Parameters
        ----------
        rgb
            (N, 3, H, W) float, gamma-coded sRGB in -1..1; 299 x 299 as published, H and W at
            least 75.

        Returns
        -------
        Tensor
            (N, 1000) float, logits.
        """
        x = self.blocks_35(self.mixed_5b(self.stem(rgb)))
        x = self.blocks_17(self.mixed_6a(x))
        x = self.blocks_8(self.mixed_7a(x))
        logits: Tensor = self.classifier(self.head(x).mean(dim=(2, 3)))
        return logits


class ConvNorm(nn.Module):
    """A `Conv` row."""

    def __init__(self, in_channels: int, row: Conv) -> None:
        super().__init__()
        height, width = row.kernel
        padding = (height // 2, width // 2) if row.same else 0
        self.conv = nn.Conv2d(
            in_channels, row.channels, row.kernel, row.stride, padding=padding, bias=False
        )
        self.norm = nn.BatchNorm2d(row.channels, BATCH_NORM_EPS)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to (N, C, H, W)."""
        return functional.relu(self.norm(self.conv(x)))


class Mixed(nn.Module):
    """Branches side by side, their channels one after the other."""

    def __init__(self, in_channels: int, branches: tuple[Branch, ...]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(_sequence(in_channels, branch) for branch in branches)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to (N, C, H, W)."""
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class Residual(nn.Module):
    """Branches, brought back to the input's channels, scaled and added to it."""

    def __init__(
        self, channels: int, branches: tuple[Branch, ...], scale: float, *, linear: bool = False
    ) -> None:
        super().__init__()
        self.mixed = Mixed(channels, branches)
        self.project = nn.Conv2d(sum(map(_channels, branches)), channels, 1)
        self.scale = scale
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        """Apply to (N, C, H, W)."""
        x = x + self.scale * self.project(self.mixed(x))
        return x if self.linear else functional.relu(x)


def _sequence(in_channels: int, rows: Branch) -> nn.Sequential:
    layers: list[nn.Module] = []
    for row in rows:
        if isinstance(row, Conv):
            layers.append(ConvNorm(in_channels, row))
            in_channels = row.channels
        elif row.average:
            layers.append(nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False))
        else:
            layers.append(nn.MaxPool2d(3, stride=2))
    return nn.Sequential(*layers)


def _channels(branch: Branch) -> int:
    return [row.channels for row in branch if isinstance(row, Conv)][-1]
