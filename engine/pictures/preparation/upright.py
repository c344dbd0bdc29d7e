"""Which way up a picture is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def surest_turn(predictions: Sequence[NDArray[np.float32]]) -> int:
    """The number of the quarter turns, 0..3, whose colours are the strongest."""
    return int(np.argmax([np.hypot(*ab).mean() for ab in predictions]))
