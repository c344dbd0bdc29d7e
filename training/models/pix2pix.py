"""`pix2pix`: a deep U-Net, trained against a discriminator that judges 70x70 patches.

Layer table, weights' start, dropout and scales: P. Isola, J.-Y. Zhu, T. Zhou and A. A. Efros,
"Image-to-Image Translation with Conditional Adversarial Networks" (2017), section 6.1, with its
erratum (no norm in the innermost layer), and the authors' colorization: L* / 50 - 1 to ab / 110.
"""

from __future__ import annotations

from typing import Final

from torch import nn

from .options import check_option
from .unet import UNet
from .unet_generator import UNetGenerator

WIDTHS: Final = (1, 2, 4, 8)
NOISY_BLOCKS: Final = 3


class Pix2Pix(UNetGenerator):
    """L -> ab at the working resolution.

    The generator's only noise is its dropout. It is drawn in training; evaluation and export leave
    it out, so that a picture always gets the same colours.

    Parameters
    ----------
    depth
        Halvings down to the innermost layer: 8 as published, for 256 x 256; at least 4.
    filters
        Channels of the first layer; 64 as published.
    dropout
        Share dropped in the three innermost layers of the decoder.

    Raises
    ------
    UsageError
        An option is out of its range.
    """

    credit = "after P. Isola et al., Image-to-Image Translation with Conditional GANs (2017)"

    def __init__(self, *, depth: int = 8, filters: int = 64, dropout: float = 0.5) -> None:
        check_option("depth", depth, 4 <= depth <= 10, "4 to 10")
        check_option("filters", filters, filters > 0, "a positive number")
        check_option("dropout", dropout, 0 <= dropout < 1, "0 up to, not including, 1")
        widths = (*WIDTHS, *[WIDTHS[-1]] * (depth - len(WIDTHS)))
        unet = UNet(
            tuple(filters * width for width in widths),
            first_stride=2,
            dropouts=(dropout,) * NOISY_BLOCKS,
            bare_ends=True,
        )
        head = nn.ConvTranspose2d(unet.out_channels, 2, 4, stride=2, padding=1)
        super().__init__(unet, head)
        self.working_multiple = 2**depth
        self.working_area = 4**depth
