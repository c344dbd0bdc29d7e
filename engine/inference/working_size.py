"""A model that looks at pictures at another size than its contract prefers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...errors import UsageError
from .backend import Backend
from .contract import ModelContract
from .hints import HintPlanes


def with_working_size(backend: Backend, working_size: int) -> Backend:
    """Let a back end's model look at another working size.

    Parameters
    ----------
    backend
        Does the work, and stays the caller's to close.
    working_size
        Root of the area that the model is to look at, pixels; 0 is as its contract says.

    Returns
    -------
    Backend
        `backend` itself where nothing changes.

    Raises
    ------
    UsageError
        The model takes no such size.
    """
    return WithWorkingSize(backend, working_size) if working_size else backend


class WithWorkingSize:
    """A back end whose contract has another working area; see `with_working_size`."""

    def __init__(self, backend: Backend, working_size: int) -> None:
        self._backend = backend
        self.contract = _resized(backend.contract, working_size)
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
        return self._backend.infer(l_batch, hints)

    def interrupt(self) -> None:
        """Pass it on to the back end underneath."""
        self._backend.interrupt()

    def close(self) -> None:
        """Close nothing: the back end underneath is the caller's."""


def _resized(contract: ModelContract, working_size: int) -> ModelContract:
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
