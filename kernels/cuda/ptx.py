"""All kernels as one PTX module, from which a driver or `fatbin` makes the code of a GPU."""

from __future__ import annotations

import inspect
import re
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

import numpy as np

from ...errors import BackendError
from .binding import cuda
from .kernels import KERNELS, KernelSource
from .layout import Floats, Kernel, Words

OLDEST_GPU: Final = (7, 5)
"""The compute capability that is compiled for; every newer GPU runs that too."""

_AFTER_HEADER: Final = ".address_size 64\n"


def ptx_from_kernels() -> str:
    """Compile every kernel of `KERNELS` into one module; its entries bear their names.

    No GPU and no driver is needed. It takes some ten seconds.

    Raises
    ------
    BackendError
        Numba-CUDA wrote something else than expected.
    MissingDependencyError
        Numba-CUDA is not installed.
    """
    compile_ptx = cuda.compile_ptx  # the first use says what is missing
    # Numba asks the current device what to compile called functions for, whatever it is told.
    device = SimpleNamespace(compute_capability=OLDEST_GPU)
    with patch("numba.cuda.dispatcher.get_current_device", lambda: device):
        modules = [_module(compile_ptx, name, kernel) for name, kernel in KERNELS.items()]
    header = modules[0].partition(_AFTER_HEADER)[0]
    return "".join([header, _AFTER_HEADER, *(m.partition(_AFTER_HEADER)[2] for m in modules)])


def _module(compile_ptx: Any, name: str, kernel: KernelSource) -> str:
    ptx, _ = compile_ptx(
        kernel.function,
        _signature(kernel.function),
        cc=OLDEST_GPU,
        fastmath=kernel.fast,
        launch_bounds=kernel.threads,
    )
    entry = re.search(r"\.entry (\w+)\(", ptx)
    if entry is None or _AFTER_HEADER not in ptx:
        raise BackendError(f"expected a module with one entry of Numba-CUDA for {name}, got {ptx}")
    ptx = ptx.replace(entry[1], name)
    # Names that modules share, and ones that only Numba's own runtime would read.
    ptx = re.sub(r"\b_cudapy_smem_\d+", rf"{name}\g<0>", ptx)
    return re.sub(r"^\.common .*NumbaEnv.*\n", "", ptx, flags=re.MULTILINE)


def _signature(kernel: Kernel) -> tuple[Any, ...]:
    """Numba types of the parameters: raw pointers and 32-bit numbers, so a C signature."""
    types = cuda.types
    numba_types = {
        np.int32: types.int32,
        np.float32: types.float32,
        Words: types.CPointer(types.int32),
        Floats: types.CPointer(types.float32),
    }
    parameters = inspect.signature(kernel, eval_str=True).parameters.values()
    return tuple(numba_types[parameter.annotation] for parameter in parameters)
