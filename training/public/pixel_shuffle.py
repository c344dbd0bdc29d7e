"""Upsampling by a convolution whose channels become pixels."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


def blurred(x: Tensor) -> Tensor:
    """Mean of each pixel with its upper and left neighbours, against the checkerboard of a shuffle.

    Y. Sugawara, S. Shiota and H. Kiya, "Super-Resolution using Convolutional Neural Networks
    without Any Checkerboard Artifacts" (2018); the edges repeat.

    Parameters
    ----------
    x
        (N, C, H, W) float.

    Returns
    -------
    Tensor
        (N, C, H, W) float.
    """
    return functional.avg_pool2d(functional.pad(x, (1, 0, 1, 0), mode="replicate"), 2, stride=1)


def at_size_of(other: Tensor, x: Tensor) -> Tensor:
    """Repeat or drop rows and columns of `x`, so that it has the size of `other`."""
    return functional.interpolate(x, size=other.shape[2:], mode="nearest")


class ShuffleUp(nn.Module):
    """Convolution, ReLU, pixel shuffle by 2, blur.

    Parameters
    ----------
    conv
        1x1, and a norm behind it or none; gives four times the channels that come out.
    """

    def __init__(self, *conv: nn.Module) -> None:
        super().__init__()
        self.conv = nn.Sequential(*conv)

    def forward(self, x: Tensor) -> Tensor:
        """(N, in, H, W) to (N, out, 2 H, 2 W)."""
        return blurred(functional.pixel_shuffle(functional.relu(self.conv(x)), 2))
