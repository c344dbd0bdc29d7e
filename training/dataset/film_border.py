"""A border about a picture: the clear or black edge of a film, or the paper that a print is on."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

# L* of borders: film printed or scanned with its edges, paper and mounts, gray boards.
KINDS_L: Final = ((0.0, 12.0), (82.0, 98.0), (35.0, 75.0))
KIND_SHARES: Final = (0.5, 0.35, 0.15)
# The widest side, as a share of the picture.
MAX_WIDTH: Final = 0.14
_NOISE: Final = 1.5


def bordered(l_plane: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Lay a border over up to four sides of a picture.

    Parameters
    ----------
    l_plane
        (1, H, W) float32, CIELAB L* in 0..100.
    rng
        Decides everything.

    Returns
    -------
    tuple of two Tensors
        (1, H, W) float32 each: the new L*, and 1 where it is still the picture's, 0 on the border.
    """
    _, height, width = l_plane.shape
    lowest, highest = KINDS_L[rng.choice(len(KINDS_L), p=KIND_SHARES)]
    sides = rng.uniform(0, MAX_WIDTH, 4) * (rng.random(4) < 0.7)
    top, bottom = (round(share * height) for share in sides[:2])
    left, right = (round(share * width) for share in sides[2:])
    inside = torch.zeros(1, height, width, dtype=torch.bool)
    inside[:, top : height - bottom, left : width - right] = True
    noise = torch.from_numpy(rng.standard_normal((1, height, width), dtype=np.float32))
    border = (rng.uniform(lowest, highest) + _NOISE * noise).clamp(0, 100)
    return torch.where(inside, l_plane, border), inside.float()
