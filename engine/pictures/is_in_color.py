"""Whether a picture is in colour, or gray, or toned in one tint (sepia, cyanotype)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...kernels.reference import lab_from_srgb

# Root mean square of a*, b* that luminance does not explain: toned prints with scanner noise stay
# under 3, faded colour photographs are above 5.
COLOR_THRESHOLD: Final = 4.0
_SAMPLES: Final = 40_000


def is_in_color(rgb: NDArray[Any]) -> bool:
    """Whether a picture's colour is more than a function of its lightness.

    In gray and toned pictures (a*, b*) follows from L*: a quadratic of L* explains it. What is left
    is the colour of things.

    Parameters
    ----------
    rgb
        (H, W, 3) sRGB, u8 or u16.
    """
    stride = max(1, int((rgb.shape[0] * rgb.shape[1] / _SAMPLES) ** 0.5))
    sample = rgb[::stride, ::stride].reshape(-1, 3) / np.iinfo(rgb.dtype).max
    lab = lab_from_srgb(sample)
    lightness = lab[:, 0] / 100
    terms = np.stack([np.ones_like(lightness), lightness, lightness**2], axis=1)
    solution, *_ = np.linalg.lstsq(terms, lab[:, 1:], rcond=None)
    left = lab[:, 1:] - terms @ solution
    return bool(np.sqrt((left**2).sum(axis=1).mean()) > COLOR_THRESHOLD)
