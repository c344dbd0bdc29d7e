"""The U-Net under the generators of both adversarial families."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

LEAK: Final = 0.2
WEIGHT_SIGMA: Final = 0.02


class UNet(nn.Module):
    """An encoder of 4x4 convolutions, a decoder of transposed ones, and skips between them.

    Convolution, batch norm, ReLU (leaky in the encoder); in the decoder dropout before the ReLU.
    The decoder undoes all halvings of the encoder but that of its first convolution.

    Parameters
    ----------
    down_channels
        Of the encoder's convolutions, first to last.
    first_stride
        Of the first of them, 1 or 2; all others halve the resolution.
    dropouts
        Shares dropped after the decoder's convolutions, deepest first; those left out are 0.
    bare_ends
        Whether the first and the last convolution of the encoder go without batch norm.
    """

    def __init__(
        self,
        down_channels: tuple[int, ...],
        *,
        first_stride: int,
        dropouts: tuple[float, ...],
        bare_ends: bool,
    ) -> None:
        super().__init__()
        last = len(down_channels) - 1
        self.down = nn.ModuleList()
        channels = 1
        for index, out_channels in enumerate(down_channels):
            stride = first_stride if index == 0 else 2
            norm = not (bare_ends and index in {0, last})
            self.down.append(down_block(channels, out_channels, stride=stride, norm=norm))
            channels = out_channels
        self.up = nn.ModuleList()
        for index, out_channels in enumerate(down_channels[-2::-1]):
            dropout = dropouts[index] if index < len(dropouts) else 0.0
            self.up.append(_up_block(channels, out_channels, dropout))
            channels = 2 * out_channels
        self.out_channels = channels

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, H, W) to (N, out_channels, H / first_stride, W / first_stride)."""
        features = []
        for block in self.down:
            x = block(x)
            features.append(x)
        for block, skip in zip(self.up, features[-2::-1], strict=True):
            x = torch.cat([block(x), skip], dim=1)
        return x


def down_block(in_channels: int, out_channels: int, *, stride: int, norm: bool) -> nn.Sequential:
    """Convolve 4x4, normalise if `norm`, leaky ReLU; the size stays at stride 1, halves at 2."""
    # A side of 4 needs three pixels of padding in all at stride 1: one short at the top left.
    pads = [nn.ZeroPad2d((1, 2, 1, 2))] if stride == 1 else []
    conv = nn.Conv2d(in_channels, out_channels, 4, stride, padding=0 if pads else 1, bias=not norm)
    norms = [nn.BatchNorm2d(out_channels)] if norm else []
    return nn.Sequential(*pads, conv, *norms, nn.LeakyReLU(LEAK))


def start_small(module: nn.Module) -> None:
    """Draw weights from N(0, 0.02), those of norms from N(1, 0.02); for `Module.apply`."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, WEIGHT_SIGMA)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, WEIGHT_SIGMA)


def _up_block(in_channels: int, out_channels: int, dropout: float) -> nn.Sequential:
    conv = nn.ConvTranspose2d(in_channels, out_channels, 4, stride=2, padding=1, bias=False)
    drops = [nn.Dropout(dropout)] if dropout else []
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels), *drops, nn.ReLU())
