"""The engine's network for pipelines of other make: the same file, ONNX Runtime and threads."""

from __future__ import annotations

from threading import Semaphore

import numpy as np
from numpy.typing import NDArray

from colorize_batch.benchmarks.engine.workload import Workload
from colorize_batch.engine.inference.working_shape import working_shape


class Network:
    """The model, a picture at a time; used by as many threads at a time as the engine has there.

    Parameters
    ----------
    workload
        Names the model and the device.
    """

    def __init__(self, workload: Workload) -> None:
        self._backend = workload.model.open().backend
        self._free = Semaphore(self._backend.callers)

    def working_shape(self, height: int, width: int) -> tuple[int, int]:
        """(height, width) at which the engine, too, would look at the picture."""
        return working_shape(height, width, self._backend.contract)

    def ab_planes(self, l_plane: NDArray[np.floating]) -> NDArray[np.float32]:
        """(h, w) L* to (2, h', w') a*, b*."""
        batch = np.ascontiguousarray(l_plane[np.newaxis, np.newaxis], np.float32)
        with self._free:
            return self._backend.infer(batch)[0]
