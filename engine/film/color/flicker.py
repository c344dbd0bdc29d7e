"""How much colour flickers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .optical_flow import Motion, OpticalFlow

# Frames that share less than this with the one before belong to another scene.
_SAME_SCENE: Final = 0.4


def flicker(
    luma_u8: Sequence[NDArray[np.uint8]], ab_planes: Sequence[NDArray[np.float32]]
) -> float:
    """Mean change of colour along the motion from frame to frame, in units of a*, b*.

    Only places that are found again count, so a cut is no flicker, and neither is motion.

    Parameters
    ----------
    luma_u8
        (h, w) of every frame, of one size.
    ab_planes
        (2, H, W) a*, b* of every frame, of one size.
    """
    flow = OpticalFlow()
    changes: list[float] = []
    for now in range(1, len(luma_u8)):
        motion = flow.motion(luma_u8[now], luma_u8[now - 1])
        if motion.reliable_share >= _SAME_SCENE:
            changes.append(_change(motion, ab_planes[now], ab_planes[now - 1]))
    return float(np.mean(changes)) if changes else 0.0


def _change(motion: Motion, now: NDArray[np.float32], before: NDArray[np.float32]) -> float:
    distance = np.hypot(*(now - motion.carried(before)))
    return float(distance[motion.reliable_at(*distance.shape) > 0].mean())
