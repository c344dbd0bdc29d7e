"""Test-time augmentation: the colours of a picture averaged with those of its mirror image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .backend import Backend
from .contract import ModelContract
from .hints import HintPlanes


class MirrorAveraged:
    """A back end that predicts every picture twice, as it is and mirrored; see `Backend`.

    Parameters
    ----------
    backend
        Does the work, and stays the caller's to close.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.contract: ModelContract = backend.contract
        self.device = backend.device
        self.callers = backend.callers
        self.preferred_batch_size = backend.preferred_batch_size

    @property
    def busy_seconds(self) -> tuple[float, ...]:
        """Seconds that the devices of the back end underneath have computed."""
        return self._backend.busy_seconds

    def infer(
        self, l_batch: NDArray[np.float32], hints: HintPlanes | None = None
    ) -> NDArray[np.float32]:
        """(N, 1, H, W) L* to (N, 2, h, w) a*, b*; see `Backend.infer`."""
        ab_batch = self._backend.infer(l_batch, hints)
        mirrored_hints = hints and hints.mirrored()
        mirrored = self._backend.infer(np.ascontiguousarray(l_batch[..., ::-1]), mirrored_hints)
        average: NDArray[np.float32] = (ab_batch + mirrored[..., ::-1]) * np.float32(0.5)
        return average

    def close(self) -> None:
        """Close nothing: the back end underneath is the caller's."""
