"""Whether a picture is in colour, or gray, or toned in one tint (sepia, cyanotype)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...kernels.reference import lab_from_srgb

# Root mean square of a*, b* that luminance does not explain: toned prints with scanner noise stay
# under 3, faded colour photographs are above 5.
COLOR_THRESHOLD: Final = 4.0
# Hand-coloured prints have colour in a few places, but strong: so much over 3 x 3 samples, on this
# share of them. The faces, lips and dresses of a tinted portrait are 1 to 4 %; toned prints with
# stains and scanner noise have under 0.1 %.
LOCAL_CHROMA: Final = 12.0
LOCAL_SHARE: Final = 0.004
_SAMPLES: Final = 40_000
_ROBUST_ROUNDS: Final = 3


def is_in_color(rgb: NDArray[Any]) -> bool:
    """Whether a picture's colour is more than a function of its lightness.

    In gray and toned pictures (a*, b*) follows from L*: a quadratic of L* explains it. What is left
    is the colour of things: a little all over, or much in a few places.

    Parameters
    ----------
    rgb
        (H, W, 3) sRGB, u8 or u16.
    """
    stride = max(1, int((rgb.shape[0] * rgb.shape[1] / _SAMPLES) ** 0.5))
    lab = lab_from_srgb(rgb[::stride, ::stride] / np.iinfo(rgb.dtype).max)
    lightness = lab[..., 0].reshape(-1, 1) / 100
    terms = np.concatenate([np.ones_like(lightness), lightness, lightness**2], axis=1)
    ab = lab[..., 1:].reshape(-1, 2)
    weight = np.ones_like(lightness)
    # Strong colour in few places must not pass for the tint of all.
    for _ in range(_ROBUST_ROUNDS):
        solution, *_ = np.linalg.lstsq(terms * weight, ab * weight, rcond=None)
        left = ab - terms @ solution
        chroma = np.hypot(left[:, :1], left[:, 1:])
        weight = 1 / np.sqrt(np.maximum(1, chroma / COLOR_THRESHOLD))
    if np.sqrt((chroma**2).mean()) > COLOR_THRESHOLD:
        return True
    around = _means(left.reshape(*lab.shape[:2], 2))
    strong = np.hypot(around[..., 0], around[..., 1]) > LOCAL_CHROMA
    return bool(strong.mean() > LOCAL_SHARE)


def _means(planes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means over 3 x 3 neighbours of (H, W, n), which noise does not survive."""
    padded = np.pad(planes, ((1, 1), (1, 1), (0, 0)), mode="edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    mean: NDArray[np.float64] = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9
    return mean
