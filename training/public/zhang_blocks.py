"""Rows of the layer tables that ECCV16 and SIGGRAPH17 share."""

from __future__ import annotations

from typing import Final

from torch import nn

# What both papers subtract from L* and divide it by.
L_CENTER: Final = 50.0
L_SCALE: Final = 100.0
AB_SCALE: Final = 110.0


def conv_block(
    channels: int, width: int, convs: int, *, dilation: int = 1, stride: int = 1
) -> nn.Sequential:
    """`convs` 3x3 convolutions with bias, each with ReLU, and a batch norm behind the last ReLU.

    Parameters
    ----------
    channels, width
        That come in and go out.
    convs
        Convolutions.
    dilation
        Of all of them.
    stride
        Of the last.
    """
    layers: list[nn.Module] = []
    for index in range(convs):
        layers += [
            nn.Conv2d(
                width if index else channels,
                width,
                3,
                stride=stride if index == convs - 1 else 1,
                padding=dilation,
                dilation=dilation,
            ),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers, nn.BatchNorm2d(width))


def doubling(channels: int, width: int) -> nn.ConvTranspose2d:
    """A transposed 4x4 convolution that doubles the size."""
    return nn.ConvTranspose2d(channels, width, 4, stride=2, padding=1)
