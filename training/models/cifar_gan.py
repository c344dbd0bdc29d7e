"""`cifar-gan`: an encoder-decoder for 32x32 pictures, trained against a classifier of whole ones.

Layer table, weights' start and scales: K. Nazeri, E. Ng and M. Ebrahimi, "Image Colorization using
Generative Adversarial Networks" (2018), for CIFAR-10 in CIELAB: L* / 50 - 1 to ab / 110. Theirs
also predicts L*, which here stays as it is.
"""

from __future__ import annotations

from typing import Final

from torch import nn

from .options import check_option
from .unet import UNet
from .unet_generator import UNetGenerator

WIDTHS: Final = (1, 2, 4, 8, 8)


class CifarGan(UNetGenerator):
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
        check_option("filters", filters, filters > 0, "a positive number")
        check_option("dropout", dropout, 0 <= dropout < 1, "0 up to, not including, 1")
        unet = UNet(
            tuple(filters * width for width in WIDTHS),
            first_stride=1,
            dropouts=(dropout,),
            bare_ends=False,
        )
        head = nn.Conv2d(unet.out_channels, 2, 1)
        super().__init__(unet, head)
