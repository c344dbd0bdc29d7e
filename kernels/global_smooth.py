"""Values spread over whole regions along the edges of a guide, beside `kernels.cpu` for pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _native


def smooth_globally(
    planes: NDArray[np.floating[Any]], guide: NDArray[np.floating[Any]], strength: float
) -> NDArray[np.float32]:
    """Spread values along regions that are flat in the guide; see `kernels.reference.global_smooth`.

    Parameters
    ----------
    planes
        (N, H, W) values; not changed.
    guide
        (G, H, W); a step of 1 between neighbours, summed over its planes, weakens their bond by e.
    strength
        0..1e6; values reach about its square root in pixels where the guide is flat.

    Returns
    -------
    ndarray
        (N, H, W) float32, new; a constant plane stays as it is.

    Raises
    ------
    ValueError
        A shape or value other than those above.
    """
    smooth = np.array(planes, np.float32, order="C")
    if smooth.ndim != 3 or guide.ndim != 3:
        raise ValueError(
            f"expected planes and guide of shape (N, H, W), got {planes.shape} and {guide.shape}"
        )
    _native.smooth_globally(smooth, np.ascontiguousarray(guide, np.float32), float(strength))
    return smooth
