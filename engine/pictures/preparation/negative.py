"""Whether a picture looks like a negative: a guess, good enough for a note and for nothing else."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

NEGATIVE_NOTE: Final = "looks like a negative; --invert turns light and dark around"

# Pictures of a run that are looked at: the rest is likely of their kind.
NEGATIVES_SOUGHT: Final = 24
_BLOCK: Final = 4
_NOISE_L: Final = 0.5
_SHARES: Final = (0.02, 0.5, 0.98)
# A logistic regression on 1401 photographs and the same ones inverted. It sees a third of all
# negatives; 4 of 100 photographs pass for one. Most of it: what is light has detail in a
# photograph and is plain in its negative, and a negative is light as a whole.
_WEIGHTS: Final = np.array([0.15, 1.89, -0.63, 0.34, 3.82, 0.75, 0.01, 0.02])
_OFFSET: Final = -0.15
_FROM: Final = 1.25
# Half of all pictures are darker as a whole, and none of these would come out as a negative.
_DARK_L: Final = 42.0


def looks_negative(l_plane: NDArray[np.float32]) -> bool:
    """Whether light and dark seem to be turned around.

    Parameters
    ----------
    l_plane
        (H, W) L* 0..100, at least 64 x 64.
    """
    if np.median(l_plane[::8, ::8]) < _DARK_L:
        return False
    sample = np.ascontiguousarray(l_plane[::2, ::2])  # a quarter of the pixels tells as much
    height, width = (side // _BLOCK for side in sample.shape)
    if min(height, width) < 8:
        return False
    sample = sample[: height * _BLOCK, : width * _BLOCK]
    rows, columns = _pooling(height).T, _pooling(width)
    mean = rows @ sample @ columns
    power = rows @ (sample * sample) @ columns
    detail = np.log(np.sqrt(np.maximum(power - mean * mean, 0)) + _NOISE_L)
    ordered = np.sort(mean, axis=None)
    dark, middle, light = (float(ordered[int(share * (mean.size - 1))]) for share in _SHARES)
    is_light = mean > middle
    if light - dark < 5 or not is_light.any():
        return False
    third, rim_y, rim_x = height // 3, max(1, height // 8), max(1, width // 8)
    rim = [mean[:rim_y], mean[-rim_y:], mean[:, :rim_x], mean[:, -rim_x:]]
    centre = mean[height // 4 : -(height // 4), width // 4 : -(width // 4)]
    features = (
        np.clip(_skewness(mean), -3, 3),
        detail[is_light].mean() - detail[~is_light].mean(),
        (mean[:third].mean() - mean[-third:].mean()) / 30,
        (np.concatenate([part.ravel() for part in rim]).mean() - centre.mean()) / 30,
        (middle - 50) / 30,
        (light + dark - 2 * middle) / 60,
        detail[:third].mean() - detail[-third:].mean(),
        detail.mean(),
    )
    return bool(_WEIGHTS @ features + _OFFSET > _FROM)


@lru_cache(maxsize=64)
def _pooling(blocks: int) -> NDArray[np.float32]:
    """(blocks x _BLOCK, blocks): averages by blocks from the right."""
    pooling: NDArray[np.float32] = np.repeat(np.eye(blocks) / _BLOCK, _BLOCK, axis=0).astype(
        np.float32
    )
    return pooling


def _skewness(values: NDArray[np.floating[Any]]) -> float:
    centred = values - values.mean()
    return float((centred**3).mean() / (centred.std() ** 3 + 1e-3))
