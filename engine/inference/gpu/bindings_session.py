"""The driver's functions through cuda-bindings, their errors as ours; the one module that imports it."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Any, Final, Protocol, TypeVar

from ....errors import BackendError, MissingDependencyError
from .protocol import DeviceError, DeviceMemoryError

_OUT_OF_MEMORY: Final = 2  # CUDA_ERROR_OUT_OF_MEMORY
NO_DRIVER: Final = (
    "expected an NVIDIA driver, got none; install version 580 or newer, or use --device cpu"
)


class Owned(Protocol):
    """Resource of the driver."""

    def free(self) -> None:
        """Give it back; idempotent."""
        ...


Resource = TypeVar("Resource", bound=Owned)


class BindingsSession:
    """`cuda.bindings.driver`, initialized.

    Attributes
    ----------
    driver
        The module.
    label
        Prefix of error messages: "cuda:0 (NVIDIA L4)", as soon as that is known.

    Raises
    ------
    BackendError
        There is no libcuda, or the driver finds no GPU.
    MissingDependencyError
        cuda-bindings is not installed.
    """

    def __init__(self) -> None:
        self.label = "expected a GPU that the NVIDIA driver can use"
        # Strong references: the driver frees nothing when a Python object is forgotten.
        self._owned: dict[int, Owned] = {}
        try:
            self.driver: Any = import_module("cuda.bindings.driver")
        except ModuleNotFoundError as missing:
            if (missing.name or "").partition(".")[0] != "cuda":
                raise
            raise MissingDependencyError(
                "a GPU needs 'cuda-bindings'; pip install 'colorize-batch[tensorrt]'"
            ) from missing
        try:
            answer = self.driver.cuInit(0)
        except RuntimeError as missing:  # pathfinder's DynamicLibNotFoundError: no libcuda.so.1
            raise BackendError(NO_DRIVER) from missing
        self._result("cuInit", answer)

    def call(self, function: str, *arguments: Any) -> Any:
        """Call a function of the driver by its name.

        Returns
        -------
        Any
            None, the one result, or a tuple of several.

        Raises
        ------
        DeviceMemoryError
            The device has not enough memory.
        DeviceError
            The driver answers with any other error; the message has its name for it.
        """
        return self._result(function, getattr(self.driver, function)(*arguments))

    def own(self, resource: Resource) -> Resource:
        """Keep something until it is freed, at the latest by `free_all`."""
        self._owned[id(resource)] = resource
        return resource

    def disown(self, resource: Owned) -> None:
        """Let something go that is freed."""
        self._owned.pop(id(resource), None)

    def free_all(self) -> None:
        """Free what is still there, with the context current; errors end nothing here."""
        for resource in tuple(self._owned.values()):
            with suppress(BackendError):
                resource.free()
        self._owned.clear()

    def _result(self, function: str, answer: tuple[Any, ...]) -> Any:
        state, *results = answer
        if int(state):
            kind = DeviceMemoryError if int(state) == _OUT_OF_MEMORY else DeviceError
            raise kind(f"{self.label}: {function}: {state.name}")
        if len(results) > 1:
            return tuple(results)
        return results[0] if results else None
