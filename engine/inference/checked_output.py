"""What a model gave, before anybody believes it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...errors import BackendError, ModelError
from .contract import OUTPUT_NAME


def check_ab_batch(ab_batch: NDArray[np.float32], count: int, model_name: str) -> None:
    """Refuse an output that is no colour of its input.

    Parameters
    ----------
    ab_batch
        What a back end gave for a batch.
    count
        Pictures in the batch.
    model_name
        For the error.

    Raises
    ------
    ModelError
        Not (count, 2, h, w) float32: the model is at fault, whatever the picture.
    BackendError
        Not a number, or infinite, for at least one picture.
    """
    shape = ab_batch.shape
    is_right = len(shape) == 4 and shape[:2] == (count, 2) and min(shape[2:]) > 0
    if not is_right or ab_batch.dtype != np.float32:
        raise ModelError(
            f"model {model_name!r}: expected {OUTPUT_NAME} of ({count}, 2, h, w) float32 for a batch "
            f"of {count}, got {shape} {ab_batch.dtype}"
        )
    if not np.isfinite(ab_batch).all():
        raise BackendError(f"model {model_name!r} predicts colours that are no numbers (NaN, Inf)")
