"""ECCV16: colour as a distribution over 313 bins.

Layer table: R. Zhang, P. Isola and A. A. Efros, "Colorful Image Colorization" (2016), in the form of
the PyTorch release by its authors: ReLU before batch norm, no temperature, bins in `model_out`.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from .zhang_blocks import AB_SCALE, L_CENTER, L_SCALE, conv_block, doubling

BINS: Final = 313


class Eccv16(nn.Module):
    """L* to a*, b*, computed at a quarter of the size."""

    def __init__(self) -> None:
        super().__init__()
        self.model1 = conv_block(1, 64, 2, stride=2)
        self.model2 = conv_block(64, 128, 2, stride=2)
        self.model3 = conv_block(128, 256, 3, stride=2)
        self.model4 = conv_block(256, 512, 3)
        self.model5 = conv_block(512, 512, 3, dilation=2)
        self.model6 = conv_block(512, 512, 3, dilation=2)
        self.model7 = conv_block(512, 512, 3)
        self.model8 = nn.Sequential(
            doubling(512, 256),
            nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(256, BINS, 1),
        )
        self.model_out = nn.Conv2d(BINS, 2, 1, bias=False)

    def forward(self, l_plane: Tensor) -> Tensor:
        """(N, 1, H, W) L* 0..100 to (N, 2, H, W) a*, b*; H and W multiples of 8."""
        x = (l_plane - L_CENTER) / L_SCALE
        for block in (self.model1, self.model2, self.model3, self.model4):
            x = block(x)
        for block in (self.model5, self.model6, self.model7, self.model8):
            x = block(x)
        mean = self.model_out(torch.softmax(x, dim=1))
        return AB_SCALE * functional.interpolate(mean, scale_factor=4, mode="bilinear")
