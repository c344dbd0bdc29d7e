"""Connected regions of a small map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..vips import pyvips


def labelled_regions(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Number the connected regions of equal value, those of True and those of False.

    Parameters
    ----------
    mask
        (H, W).

    Returns
    -------
    NDArray
        (H, W) labels from 0; pixels are neighbours along rows and columns.
    """
    image = pyvips.Image.new_from_array(mask.astype(np.uint8))
    labels: NDArray[np.int32] = image.labelregions().numpy()
    return labels
