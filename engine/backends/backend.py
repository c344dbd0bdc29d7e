"""What the engine asks of a back end, and the table of them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ...errors import UsageError
from ..contract import ModelContract

# device -> (module, function); the module is imported when the device is asked for.
LOADERS: Final[Mapping[str, tuple[str, str]]] = {
    "auto": (".onnx_runtime", "open_auto"),
    "cpu": (".onnx_runtime", "open_cpu"),
    "cuda": (".onnx_runtime", "open_cuda"),
}


class Backend(Protocol):
    """A loaded model on a device.

    Attributes
    ----------
    contract
        Of the model.
    device
        Where it runs, as people name it: "cpu", "cuda:0".
    callers
        How many threads may, and should, call `infer` at a time.
    preferred_batch_size
        What `batch size: auto` means here.
    """

    @property
    def contract(self) -> ModelContract: ...
    @property
    def device(self) -> str: ...
    @property
    def callers(self) -> int: ...
    @property
    def preferred_batch_size(self) -> int: ...

    def infer(self, l_batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Predict.

        Parameters
        ----------
        l_batch
            (N, 1, H, W), CIELAB L* 0..100, of an allowed working shape.

        Returns
        -------
        NDArray
            (N, 2, h, w) CIELAB a*, b*; a new array.

        Raises
        ------
        BackendError
            The device failed, or ran out of memory.
        """
        ...

    def close(self) -> None:
        """Free the model; idempotent."""
        ...


def open_backend(model_file: Path, *, device: str = "auto", threads: int = 1) -> Backend:
    """Load a model.

    Parameters
    ----------
    model_file
        An ONNX file under the contract.
    device
        A key of `LOADERS`.
    threads
        That one call takes on the CPU; 0 is all cores. Many calls of one thread each do more work
        in the same time than one call after the other on all cores.

    Raises
    ------
    UsageError
        The device is unknown.
    ModelError, ContractError
        The file is no model, or not under the contract.
    BackendError
        The device is not there.
    """
    if device not in LOADERS:
        raise UsageError(f"device {device!r}: expected one of {', '.join(LOADERS)}")
    module, function = LOADERS[device]
    load = getattr(importlib.import_module(module, __package__), function)
    backend: Backend = load(model_file, threads)
    return backend
