"""Arrays whose strides are those that C expects."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def packed(view: NDArray[Any]) -> NDArray[Any]:
    """Return an array as kernels take it, copied where it is not.

    NumPy counts an axis of length 1 as contiguous whatever its stride is, so a channel cut out of a
    picture one pixel wide keeps the stride of all channels; kernels look at the strides.
    """
    contiguous = np.ascontiguousarray(view)
    return contiguous.copy() if 1 in contiguous.shape[:2] else contiguous
