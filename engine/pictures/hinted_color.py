"""Colours that a person gave, carried over the regions of a picture that they lie in.

The difference between what a person says and what the network said is spread along lightness and along the
network's own colour (weighted least squares by the fast global smoother, `kernels.reference.global_smooth`):
the smoothed difference over the smoothed places, which fades out where little of a hint arrives. So one
click changes a coat and not the wall behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...kernels.global_smooth import smooth_globally
from .hint import Hint
from .preparation.canvas import resize_planes
from .preparation.prepare import Lightness

LONG_SIDE: Final = 384  # pixels of the planes on which hints are spread
L_STEP: Final = 2.0  # of L* between neighbours that weakens their bond by e
AB_STEP: Final = 2.0  # of a* or b*
REACH: Final = 0.15  # share of the longer side that a hint reaches where nothing stops it
FADE: Final = 0.1  # share of what arrives at its own place at which a hint counts half


def with_hints(
    ab_planes: NDArray[np.float32], picture: Lightness, hints: Sequence[Hint]
) -> NDArray[np.float32]:
    """Put hints into the colours that were predicted for a picture.

    Parameters
    ----------
    ab_planes
        (2, h, w) CIELAB a*, b*, as predicted.
    picture
        Its lightness guides how far a hint goes.
    hints
        Of the picture; of two for one place the later counts.

    Returns
    -------
    ndarray
        (2, H, W) a*, b*, the longer side `LONG_SIDE` or that of `ab_planes` if they are finer;
        `ab_planes` itself if there are no hints.
    """
    if not hints:
        return ab_planes
    height, width = _size(picture, ab_planes)
    predicted = resize_planes(ab_planes, height, width)
    mask = np.zeros((height, width), np.float32)
    wanted = np.zeros((2, height, width), np.float32)
    for hint in hints:
        place = hint.place(height, width)
        mask[place] = 1
        wanted[:, place] = np.array(hint.ab, np.float32)[:, np.newaxis]
    guide = np.concatenate(
        [picture.l_plane(height, width)[np.newaxis] / L_STEP, predicted / AB_STEP]
    )
    strength = (REACH * max(height, width)) ** 2
    result = predicted.astype(np.float32)
    # The second round makes up for what fading and other hints took at the places themselves.
    for _ in range(2):
        difference = mask * (wanted - result)
        spread = smooth_globally(np.concatenate([difference, mask[np.newaxis]]), guide, strength)
        least = min(float(spread[2][hint.place(height, width)].mean()) for hint in hints)
        result = result + spread[:2] / (spread[2] + np.float32(FADE * least))
    return result


def _size(picture: Lightness, ab_planes: NDArray[np.float32]) -> tuple[int, int]:
    long_side = max(LONG_SIDE, *ab_planes.shape[1:])
    scale = min(1.0, long_side / max(picture.height, picture.width))
    return max(1, round(scale * picture.height)), max(1, round(scale * picture.width))
