"""DDColor: a ConvNeXt, a decoder of pixels and a decoder of colours.

Layer table: X. Kang, T. Yang, W. Ouyang, P. Ren, L. Li and X. Xie, "DDColor: Towards Photo-Realistic
Image Colorization via Dual Decoders" (2023).
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from .color_queries import QUERIES, ColorQueries
from .convnext import ConvNeXt, ConvNeXtSize
from .normed_conv import SpectralConv, weight_and_bias
from .pixel_shuffle import ShuffleUp, blurred

# Of the three blocks of the pixel decoder.
WIDTHS: Final = (512, 512, 256)
LAST_SCALE: Final = 4


class DDColor(nn.Module):
    """Gray RGB to a*, b*.

    The published code makes 256 features at the full size, 100 maps of them, and two colours of
    those. Blur, products and the last layer are linear, so the last layer is multiplied into the
    queries first: two maps instead of 356 ever reach the full size, and the sums are the same.

    Parameters
    ----------
    size
        Of the encoder.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, size: ConvNeXtSize) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(1, 3, 1, 1))
        self.register_buffer("std", torch.ones(1, 3, 1, 1))
        self.encoder = Encoder(size)
        self.decoder = Decoder(size)
        refine = SpectralConv(QUERIES + 3, 2, 1, bias=True)
        self.refine_net = nn.Sequential(nn.Sequential(refine))

    def forward(self, rgb: Tensor) -> Tensor:
        """(N, 3, H, W) 0..1 to (N, 2, H, W) a*, b*; H and W multiples of 32."""
        rgb = (rgb - self.mean) / self.std
        features, colors = self.decoder(self.encoder.arch(rgb))
        weight, bias = weight_and_bias(self.refine_net.get_submodule("0.0"))
        mixed = weight[:, :QUERIES, 0, 0] @ colors
        planes = mixed @ torch.unflatten(features, 1, (-1, LAST_SCALE**2)).flatten(2)
        height, width = features.shape[2:]
        planes = planes.reshape(-1, 2 * LAST_SCALE**2, height, width)
        ab = blurred(functional.pixel_shuffle(planes, LAST_SCALE))
        return ab + functional.conv2d(rgb, weight[:, QUERIES:], bias)


class Encoder(nn.Module):
    """Holds the ConvNeXt, as the published file does."""

    def __init__(self, size: ConvNeXtSize) -> None:
        super().__init__()
        self.arch = ConvNeXt(size)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """As `ConvNeXt.forward`."""
        maps: list[Tensor] = self.arch(rgb)
        return maps


class Decoder(nn.Module):
    """Maps of the encoder to features by place and to colours by query."""

    def __init__(self, size: ConvNeXtSize) -> None:
        super().__init__()
        channels = size.widths[-1]
        self.layers = nn.ModuleList()
        for skip, width in zip(reversed(size.widths[:-1]), WIDTHS, strict=True):
            self.layers.append(Block(channels, skip, width))
            channels = width
        self.last_shuf = LastUp(channels)
        self.color_decoder = ColorQueries(WIDTHS)

    def forward(self, maps: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Decode the encoder's maps.

        Parameters
        ----------
        maps
            (N, C, H / 4, W / 4) ... (N, C, H / 32, W / 32).

        Returns
        -------
        tuple
            (N, 16 C, H / 4, W / 4) features before their shuffle, and (N, queries, C) colours.
        """
        *skips, x = maps
        scales = []
        for block, skip in zip(self.layers, reversed(skips), strict=True):
            x = block(x, skip)
            scales.append(x)
        return self.last_shuf(x), self.color_decoder(scales)


class Block(nn.Module):
    """Upsample, join the skip, convolve.

    Parameters
    ----------
    channels, skip, width
        That come in, of the skip, that go out; the upsampled part is as wide as the output.
    """

    def __init__(self, channels: int, skip: int, width: int) -> None:
        super().__init__()
        self.shuf = ShuffleUp(SpectralConv(channels, 4 * width, 1), nn.BatchNorm2d(4 * width))
        self.bn = nn.BatchNorm2d(skip)
        self.conv = nn.Sequential(
            SpectralConv(width + skip, width, 3), nn.ReLU(), nn.BatchNorm2d(width)
        )

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, channels, h, w) and (N, skip, 2 h, 2 w) to (N, width, 2 h, 2 w)."""
        joined = torch.cat([self.shuf(x), self.bn(skip)], dim=1)
        convolved: Tensor = self.conv(functional.relu(joined))
        return convolved


class LastUp(nn.Module):
    """The features of sixteen pixels for every place; `DDColor` shuffles them.

    Parameters
    ----------
    channels
        That come in, and of one pixel.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(SpectralConv(channels, channels * LAST_SCALE**2, 1, bias=True))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, 16 C, H, W)."""
        return functional.relu(self.conv(x))
