"""A GPU through the library that is chosen for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final

from ....errors import UsageError
from .bindings_device import BindingsDevice
from .protocol import Device
from .pycuda_device import PyCudaDevice

VARIABLE: Final = "COLORIZE_CUDA_LAYER"
_LAYERS: Final[Mapping[str, Callable[[int], Device]]] = {
    "cuda-bindings": BindingsDevice,
    "pycuda": PyCudaDevice,
}


def open_device(ordinal: int = 0) -> Device:
    """Open a GPU.

    Parameters
    ----------
    ordinal
        Its number, as the driver counts.

    Returns
    -------
    Device
        Through cuda-bindings; through PyCUDA where the environment variable COLORIZE_CUDA_LAYER says
        "pycuda". The caller closes it.

    Raises
    ------
    UsageError
        The variable names no layer.
    BackendError
        There is no driver, no GPU of that number, or it is too old.
    MissingDependencyError
        The library is not installed.
    """
    chosen = os.environ.get(VARIABLE, "cuda-bindings")
    if chosen not in _LAYERS:
        raise UsageError(f"{VARIABLE}={chosen}: expected {' or '.join(_LAYERS)}")
    return _LAYERS[chosen](ordinal)
