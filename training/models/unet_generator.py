"""What both adversarial families have in common."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from .network import ColorNetwork
from .unet import UNet, start_small

AB_SCALE: Final = 110.0


class UNetGenerator(ColorNetwork):
    """L -> ab at the working resolution, by a U-Net and a layer that reads two channels from it.

    Parameters
    ----------
    unet
        From one channel.
    head
        From `unet.out_channels` to two channels at the working resolution.
    """

    def __init__(self, unet: UNet, head: nn.Module) -> None:
        super().__init__()
        self.unet = unet
        self.head = head
        self.apply(start_small)

    def forward(self, l_plane: Tensor) -> Tensor:
        """Predict colour.

        Parameters
        ----------
        l_plane
            (N, 1, H, W) float, CIELAB L* in 0..100; H and W multiples of `working_multiple`.

        Returns
        -------
        Tensor
            (N, 2, H, W) float, CIELAB a*, b* in -110..110.
        """
        return torch.tanh(self.head(self.unet(l_plane / 50 - 1))) * AB_SCALE
