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
        self.preferred_batch_size = max(1, backend.preferred_batch_size // 2)

    @property
    def busy_seconds(self) -> tuple[float, ...]:
        """Seconds that the devices of the back end underneath have computed."""
        return self._backend.busy_seconds

    def infer(
        self, l_batch: NDArray[np.float32], hints: HintPlanes | None = None
    ) -> NDArray[np.float32]:
        """(N, 1, H, W) L* to (N, 2, h, w) a*, b*; see `Backend.infer`."""
        # One batch of twice as many: a GPU is started once and padded once.
        both = np.concatenate([l_batch, l_batch[..., ::-1]])
        ab_batch = self._backend.infer(both, hints and hints.joined(hints.mirrored()))
        plain, mirrored = ab_batch[: len(l_batch)], ab_batch[len(l_batch) :]
        average: NDArray[np.float32] = (plain + mirrored[..., ::-1]) * np.float32(0.5)
        return average

    def interrupt(self) -> None:
        """Pass it on to the back end underneath."""
        self._backend.interrupt()

    def close(self) -> None:
        """Close nothing: the back end underneath is the caller's."""
