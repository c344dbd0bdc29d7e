"""Numba-CUDA; the one module that imports it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, NoReturn, TypeVar

from ...errors import MissingDependencyError

Function = TypeVar("Function", bound=Callable[..., Any])


class _Missing:
    """Stands in for `numba.cuda` where it is not installed: any use of it says so."""

    def __getattr__(self, name: str) -> NoReturn:
        # What introspection asks for has no answer; only a use deserves the message.
        if name.startswith("__"):
            raise AttributeError(name)
        raise MissingDependencyError(
            "compiling the CUDA kernels needs 'numba-cuda'; pip install 'colorize-batch[cuda]'"
        )


INSTALLED: Final = find_spec("numba_cuda") is not None

cuda: Final[Any] = import_module("numba.cuda") if INSTALLED else _Missing()

# The simulator has no compiler that could be extended.
SIMULATED: Final = INSTALLED and not hasattr(cuda, "extending")
"""Whether NUMBA_ENABLE_CUDASIM=1 was set: kernels then run as Python, one thread at a time."""


def scalar(function: Function) -> Function:
    """Let kernels call a plain function; from Python it stays what it is."""
    if SIMULATED or not INSTALLED:
        return function
    registered: Function = cuda.extending.register_jitable(fastmath=True)(function)
    return registered
