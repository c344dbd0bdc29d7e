"""A back end that looks at pictures otherwise than its model's contract says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...errors import UsageError
from .backend import Backend
from .contract import ModelContract


def adjusted(backend: Backend, *, working_size: int = 0, best: bool = False) -> Backend:
    """Let a back end look at another working size, or at every picture twice.

    Parameters
    ----------
    backend
        Does the work, and stays the caller's to close.
    working_size
        Root of the area that the model is to look at, pixels; 0 is as its contract says.
    best
        Average the colours of each picture with those of its mirror image: twice the time.

    Returns
    -------
    Backend
        `backend` itself if it is to do what it does anyway.

    Raises
    ------
    UsageError
        The model takes no such size.
    """
    if not working_size and not best:
        return backend
    return AdjustedBackend(backend, working_size=working_size, best=best)


class AdjustedBackend:
    """What `adjusted` gives; see `Backend`."""

    def __init__(self, backend: Backend, *, working_size: int, best: bool) -> None:
        self._backend = backend
        self._best = best
        self.contract = _resized(backend.contract, working_size)
        self.device = backend.device
        self.callers = backend.callers
        self.preferred_batch_size = backend.preferred_batch_size

    @property
    def busy_seconds(self) -> tuple[float, ...]:
        """Busy seconds of the back end underneath."""
        return self._backend.busy_seconds

    def infer(self, l_batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, 1, H, W) L* to (N, 2, h, w) a*, b*; see `Backend.infer`."""
        ab_batch = self._backend.infer(l_batch)
        if not self._best:
            return ab_batch
        mirrored = self._backend.infer(np.ascontiguousarray(l_batch[..., ::-1]))[..., ::-1]
        average: NDArray[np.float32] = (ab_batch + mirrored) * np.float32(0.5)
        return average

    def close(self) -> None:
        """Close nothing: the back end underneath is the caller's."""


def _resized(contract: ModelContract, working_size: int) -> ModelContract:
    if not working_size:
        return contract
    if contract.working_height:
        raise UsageError(
            f"working size {working_size}: model {contract.name} takes "
            f"{contract.working_height} x {contract.working_width} pixels only"
        )
    if not contract.working_min <= working_size <= contract.working_max:
        raise UsageError(
            f"working size {working_size}: model {contract.name} takes "
            f"{contract.working_min}..{contract.working_max}"
        )
    return replace(contract, working_area=working_size**2)
