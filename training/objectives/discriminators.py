"""The networks that tell true colours from made ones."""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn

from ..models.unet import LEAK, down_block, start_small

LAB_CHANNELS: Final = 3


class PatchDiscriminator(nn.Module):
    """Judges every 70x70 patch of a picture.

    C64-C128-C256-C512 and a last convolution to one logit, all 4x4, strides 2, 2, 2, 1, 1, the
    first without norm: P. Isola et al., "Image-to-Image Translation with Conditional Adversarial
    Networks" (2017), section 6.1.2, and the strides of the authors' release.

    Parameters
    ----------
    filters
        Of the first convolution; 64 as published.
    """

    def __init__(self, filters: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_narrowing(filters),
            nn.Conv2d(4 * filters, 8 * filters, 4, padding=1, bias=False),
            nn.BatchNorm2d(8 * filters),
            nn.LeakyReLU(LEAK),
            nn.Conv2d(8 * filters, 1, 4, padding=1),
        )
        self.apply(start_small)

    def forward(self, lab: Tensor) -> Tensor:
        """(N, 3, H, W) in -1..1 to logits, (N, 1, H / 8 - 2, W / 8 - 2); sides of at least 24."""
        logits: Tensor = self.layers(lab)
        return logits


class ClassifierDiscriminator(nn.Module):
    """Judges a whole 32x32 picture.

    4x4 convolutions, strides 2, 2, 2, 1 and channels doubling from 64, the first without norm, and
    a last one to a single logit: K. Nazeri, E. Ng and M. Ebrahimi, "Image Colorization using
    Generative Adversarial Networks" (2018), for CIFAR-10.

    Parameters
    ----------
    filters
        Of the first convolution; 64 as published.
    """

    def __init__(self, filters: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_narrowing(filters),
            down_block(4 * filters, 8 * filters, stride=1, norm=True),
            nn.Conv2d(8 * filters, 1, 4),
        )
        self.apply(start_small)

    def forward(self, lab: Tensor) -> Tensor:
        """(N, 3, H, W) in -1..1 to logits, (N, 1, H / 8 - 3, W / 8 - 3): one for 32x32."""
        logits: Tensor = self.layers(lab)
        return logits


def _narrowing(filters: int) -> list[nn.Module]:
    """Three halvings, to four times `filters` channels."""
    return [
        down_block(LAB_CHANNELS, filters, stride=2, norm=False),
        down_block(filters, 2 * filters, stride=2, norm=True),
        down_block(2 * filters, 4 * filters, stride=2, norm=True),
    ]
