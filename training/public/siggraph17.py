"""SIGGRAPH17: colour from lightness and from hints of a person.

Layer table: R. Zhang, J.-Y. Zhu, P. Isola, X. Geng, A. S. Lin, T. Yu and A. A. Efros, "Real-Time
User-Guided Image Colorization with Learned Deep Priors" (2017), in the form of the PyTorch release by
its authors.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from .zhang_blocks import AB_SCALE, L_CENTER, L_SCALE, conv_block, doubling

# A coarse distribution that helped training; published with the weights, never evaluated.
CLASSES: Final = 529
LEAK: Final = 0.2


class Siggraph17(nn.Module):
    """L* and hints to a*, b* at the full size."""

    def __init__(self) -> None:
        super().__init__()
        self.model1 = conv_block(4, 64, 2)
        self.model2 = conv_block(64, 128, 2)
        self.model3 = conv_block(128, 256, 3)
        self.model4 = conv_block(256, 512, 3)
        self.model5 = conv_block(512, 512, 3, dilation=2)
        self.model6 = conv_block(512, 512, 3, dilation=2)
        self.model7 = conv_block(512, 512, 3)
        self.model8up = nn.Sequential(doubling(512, 256))
        self.model8 = nn.Sequential(nn.ReLU(), *conv_block(256, 256, 2))
        self.model9up = nn.Sequential(doubling(256, 128))
        self.model9 = nn.Sequential(nn.ReLU(), *conv_block(128, 128, 1))
        self.model10up = nn.Sequential(doubling(128, 128))
        self.model10 = nn.Sequential(
            nn.ReLU(), nn.Conv2d(128, 128, 3, padding=1), nn.LeakyReLU(LEAK)
        )
        self.model3short8 = nn.Sequential(nn.Conv2d(256, 256, 3, padding=1))
        self.model2short9 = nn.Sequential(nn.Conv2d(128, 128, 3, padding=1))
        self.model1short10 = nn.Sequential(nn.Conv2d(64, 128, 3, padding=1))
        self.model_class = nn.Sequential(nn.Conv2d(256, CLASSES, 1))
        self.model_out = nn.Sequential(nn.Conv2d(128, 2, 1), nn.Tanh())

    def forward(
        self, l_plane: Tensor, hint_ab: Tensor | None = None, hint_mask: Tensor | None = None
    ) -> Tensor:
        """Predict colour.

        Parameters
        ----------
        l_plane
            (N, 1, H, W) L* 0..100; H and W multiples of 8.
        hint_ab
            (N, 2, H, W) a*, b* where a person gave them, 0 elsewhere; None for no hints.
        hint_mask
            (N, 1, H, W) 1 where a hint is, 0 elsewhere.

        Returns
        -------
        Tensor
            (N, 2, H, W) a*, b* in -110..110.
        """
        if hint_ab is None:
            hint_ab = l_plane.new_zeros(()).expand(l_plane.shape[0], 2, *l_plane.shape[2:])
        if hint_mask is None:
            hint_mask = torch.zeros_like(l_plane)
        x = torch.cat([(l_plane - L_CENTER) / L_SCALE, hint_ab / AB_SCALE, hint_mask], dim=1)
        at_1 = self.model1(x)
        at_2 = self.model2(_every_second(at_1))
        at_4 = self.model3(_every_second(at_2))
        x = self.model7(self.model6(self.model5(self.model4(_every_second(at_4)))))
        x = self.model8(self.model8up(x) + self.model3short8(at_4))
        x = self.model9(self.model9up(x) + self.model2short9(at_2))
        x = self.model10(self.model10up(x) + self.model1short10(at_1))
        ab: Tensor = self.model_out(x)
        return AB_SCALE * ab


def _every_second(x: Tensor) -> Tensor:
    return x[:, :, ::2, ::2]
