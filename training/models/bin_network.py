"""What networks that choose among the 313 bins have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from ..color.gamut_bins import gamut_bins
from .network import ColorNetwork
from .options import check_option

TEMPERATURE: Final = 0.38


class BinNetwork(ColorNetwork, ABC):
    """Scores bins of colour, and decodes the scores by the annealed mean.

    R. Zhang, P. Isola and A. A. Efros, "Colorful Image Colorization" (2016), section 2.3.

    Parameters
    ----------
    temperature
        Of the annealed mean: 1 is the mean of the distribution, near 0 its mode.

    Raises
    ------
    UsageError
        The temperature is out of its range.
    """

    def __init__(self, *, temperature: float) -> None:
        super().__init__()
        check_option("temperature", temperature, 0 < temperature <= 1, "above 0, at most 1")
        self.temperature = temperature
        self.bins: Tensor
        self.register_buffer(
            "bins", torch.from_numpy(gamut_bins().astype("float32")), persistent=False
        )

    @abstractmethod
    def logits(self, l_plane: Tensor) -> Tensor:
        """Score the bins, unnormalised: (N, 1, H, W) L* -> (N, 313, h, w)."""

    def forward(self, l_plane: Tensor) -> Tensor:
        """Predict colour.

        Parameters
        ----------
        l_plane
            (N, 1, H, W) float, CIELAB L* in 0..100; H and W of `working_multiple`.

        Returns
        -------
        Tensor
            (N, 2, h, w) float, CIELAB a*, b* within the hull of the bins; h and w as of `logits`.
        """
        shares = torch.softmax(self.logits(l_plane) / self.temperature, dim=1)
        return functional.conv2d(shares, self.bins.T[:, :, None, None])
