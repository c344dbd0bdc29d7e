"""`cifar-gan`: an encoder-decoder for 32x32 pictures, trained against a classifier of whole ones.

Layer table, weights' start and scales: K. Nazeri, E. Ng and M. Ebrahimi, "Image Colorization using
Generative Adversarial Networks" (2018), for CIFAR-10 in CIELAB: L* / 50 - 1 to ab / 110. Theirs
also predicts L*, which here stays as it is.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from .options import check_option
from .published import PublishedNetwork
from .unet import UNet, start_small

AB_SCALE: Final = 110.0
WIDTHS: Final = (1, 2, 4, 8, 8)


class CifarGan(PublishedNetwork):
    """L -> ab at the working resolution.

    Parameters
    ----------
    filters
        Channels of the first layer; 64 as published.
    dropout
        Share dropped in the innermost layer of the decoder.

    Raises
    ------
    UsageError
        An option is out of its range.
    """

    credit = "after K. Nazeri, E. Ng, M. Ebrahimi, Image Colorization using GANs (2018)"
    working_multiple = 16
    working_area = 32 * 32

    def __init__(self, *, filters: int = 64, dropout: float = 0.5) -> None:
        super().__init__()
        check_option("filters", filters, filters > 0, "a positive number")
        check_option("dropout", dropout, 0 <= dropout < 1, "0 up to, not including, 1")
        self.unet = UNet(
            tuple(filters * width for width in WIDTHS),
            first_stride=1,
            dropouts=(dropout,),
            bare_ends=False,
        )
        self.head = nn.Conv2d(self.unet.out_channels, 2, 1)
        self.apply(start_small)

    def forward(self, l_plane: Tensor) -> Tensor:
        """Predict colour.

        Parameters
        ----------
        l_plane
            (N, 1, H, W) float, CIELAB L* in 0..100; H and W multiples of 16.

        Returns
        -------
        Tensor
            (N, 2, H, W) float, CIELAB a*, b* in -110..110.
        """
        return torch.tanh(self.head(self.unet(l_plane / 50 - 1))) * AB_SCALE
