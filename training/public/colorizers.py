"""Public networks under this project's contract: L* in, a* and b* out."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from typing_extensions import override

from ..color.lab_tensors import lab_from_srgb
from ..models.network import ColorNetwork
from .lightness import gray_from_lightness

IMAGENET_MEAN: Final = (0.485, 0.456, 0.406)
IMAGENET_STD: Final = (0.229, 0.224, 0.225)
# Luma of ITU-R BT.601, by which DeOldify makes gray and keeps the picture's light.
LUMA: Final = (0.299, 0.587, 0.114)


class LightnessColorizer(ColorNetwork):
    """A network from L* to a*, b*.

    Parameters
    ----------
    network
        As published.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, l_plane: Tensor) -> Tensor:
        """(N, 1, H, W) L* 0..100 to (N, 2, H, W) a*, b*."""
        ab: Tensor = self.network(l_plane)
        return ab


class HintedColorizer(LightnessColorizer):
    """A network from L* and hints to a*, b*."""

    takes_hints = True

    @override
    def forward(
        self, l_plane: Tensor, hint_ab: Tensor | None = None, hint_mask: Tensor | None = None
    ) -> Tensor:
        """As `Siggraph17.forward`."""
        ab: Tensor = self.network(l_plane, hint_ab, hint_mask)
        return ab


class ScaledColorizer(LightnessColorizer):
    """A network from L* / 50 - 1 to a*, b* / 110."""

    @override
    def forward(self, l_plane: Tensor) -> Tensor:
        """(N, 1, H, W) L* 0..100 to (N, 2, H, W) a*, b*."""
        ab: Tensor = self.network(l_plane / 50 - 1)
        return ab * 110


class GrayColorizer(LightnessColorizer):
    """A network from gray sRGB to a*, b*."""

    @override
    def forward(self, l_plane: Tensor) -> Tensor:
        """(N, 1, H, W) L* 0..100 to (N, 2, H, W) a*, b*."""
        ab: Tensor = self.network(gray_from_lightness(l_plane).expand(-1, 3, -1, -1))
        return ab


class PaintedColorizer(LightnessColorizer):
    """A network from normalised gray to a normalised picture, of which only the chroma is kept.

    The picture's own pipeline puts U and V of what the network painted beside Y of the original, that
    is: it moves R, G and B alike until the luma is the original's.
    """

    mean: Tensor
    std: Tensor
    luma: Tensor

    def __init__(self, network: nn.Module) -> None:
        super().__init__(network)
        constants = {"mean": IMAGENET_MEAN, "std": IMAGENET_STD, "luma": LUMA}
        for name, values in constants.items():
            self.register_buffer(name, torch.tensor(values)[:, None, None], persistent=False)

    @override
    def forward(self, l_plane: Tensor) -> Tensor:
        """(N, 1, H, W) L* 0..100 to (N, 2, H, W) a*, b*."""
        gray = gray_from_lightness(l_plane)
        painted: Tensor = self.network((gray - self.mean) / self.std)
        painted = (painted * self.std + self.mean).clamp(0, 1)
        luma = (painted * self.luma).sum(dim=1, keepdim=True)
        return lab_from_srgb((painted - luma + gray).clamp(0, 1))[:, 1:]
