"""PyCUDA, its errors as ours, and what was made through it; the one module that imports it."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, Final, TypeVar
from weakref import WeakSet

from ....errors import BackendError, MissingDependencyError, first_line
from .bindings_session import NO_DRIVER
from .protocol import DeviceError, DeviceMemoryError

Resource = TypeVar("Resource")


class PyCudaSession:
    """`pycuda.driver`, initialized.

    Attributes
    ----------
    driver
        The module.
    label
        What errors are told of: "cuda:0 (NVIDIA L4)", as soon as that is known.

    Raises
    ------
    BackendError
        There is no driver, or no GPU that it can use.
    MissingDependencyError
        PyCUDA is not installed.
    """

    def __init__(self) -> None:
        self.driver: Any = _driver_module()
        self.label = "expected a GPU that the NVIDIA driver can use"
        self._owned: WeakSet[Any] = WeakSet()
        with self.guard():
            self.driver.init()

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Turn PyCUDA's errors into ours, in one line."""
        try:
            yield
        except self.driver.MemoryError as error:
            raise DeviceMemoryError(f"{self.label}: {first_line(error)}") from error
        except self.driver.Error as error:
            raise DeviceError(f"{self.label}: {first_line(error)}") from error

    def primary_context(self, ordinal: int) -> Any:
        """Return the context that all libraries share, retained until the process ends."""
        with self.guard():
            if ordinal not in _CONTEXTS:
                _CONTEXTS[ordinal] = self.driver.Device(ordinal).retain_primary_context()
        return _CONTEXTS[ordinal]

    def own(self, resource: Resource) -> Resource:
        """Remember something with a method `free`."""
        self._owned.add(resource)
        return resource

    def free_all(self) -> None:
        """Free what is still there, with the context current; errors end nothing here."""
        for resource in tuple(self._owned):
            with suppress(Exception):
                resource.free()


# PyCUDA lets a retained context go rightly only by `detach`, and then on a thread where it is
# current; what that leaves behind would trip other libraries that still run. So it comes last.
_CONTEXTS: Final[dict[int, Any]] = {}


@atexit.register
def _release_contexts() -> None:
    while _CONTEXTS:
        _, context = _CONTEXTS.popitem()
        with suppress(Exception):
            context.push()
            context.detach()


def _driver_module() -> Any:
    try:
        return import_module("pycuda.driver")
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "pycuda":
            raise
        raise MissingDependencyError(
            "COLORIZE_CUDA_LAYER=pycuda needs 'pycuda'; pip install 'colorize-batch[pycuda]'"
        ) from missing
    except ImportError as missing:
        if "libcuda.so" not in str(missing):  # the toolkit's libcurand, for one
            raise MissingDependencyError(
                f"'pycuda' does not load: {first_line(missing)}; install the CUDA toolkit that it was "
                "built with, or unset COLORIZE_CUDA_LAYER"
            ) from missing
        raise BackendError(NO_DRIVER) from missing
