"""What ONNX Runtime gives for a model on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ...engine.inference.contract import (
    HINT_AB_NAME,
    HINT_MASK_NAME,
    INPUT_NAME,
    OUTPUT_NAME,
)
from ...engine.inference.hints import HintPlanes
from ...engine.threads.cores import available_cores
from ...errors import ModelError


def ab_on_cpu(
    onnx_bytes: bytes,
    l_batches: Sequence[NDArray[np.float32]],
    hints: Sequence[HintPlanes] = (),
) -> list[NDArray[np.float32]]:
    """Run a model.

    Parameters
    ----------
    onnx_bytes
        Of a graph under the contract.
    l_batches
        (N, 1, H, W) CIELAB L* 0..100 each.
    hints
        Of each batch, for a graph that takes them.

    Returns
    -------
    list of NDArray
        (N, 2, h, w) CIELAB a*, b* each.

    Raises
    ------
    ModelError
        The model does not load or run.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = available_cores()
    try:
        session: Any = onnxruntime.InferenceSession(
            onnx_bytes, options, providers=["CPUExecutionProvider"]
        )
        feeds: list[dict[str, NDArray[np.float32]]] = [{INPUT_NAME: each} for each in l_batches]
        for feed, planes in zip(feeds, hints, strict=False):
            feed |= {HINT_AB_NAME: planes.ab, HINT_MASK_NAME: planes.mask}
        return [session.run([OUTPUT_NAME], feed)[0] for feed in feeds]
    except Exception as error:  # ONNX Runtime's exceptions share no base class
        raise ModelError(f"export: ONNX Runtime refuses the model: {error}") from error
