"""TensorRT and TensorRT for RTX: which is installed, and what they have to say."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from ....errors import MissingDependencyError
from ..gpu.protocol import DeviceError, DeviceMemoryError
from .supported_gpus import EXTRAS

# flavour -> the module of its Python bindings
MODULES: Final[Mapping[str, str]] = {
    "tensorrt": "tensorrt",
    "tensorrt-rtx": "tensorrt_rtx_bindings",
}

# Loggers and recorders, kept until the process ends: TensorRT's objects point to them from C++ and do
# not keep them, and may themselves outlive who made them.
_KEPT: Final[list[tuple[Any, Any]]] = []


class TensorRtLibrary:
    """The Python bindings of one flavour, with a recorder that keeps errors for our messages.

    Parameters
    ----------
    flavor
        A key of `MODULES`.

    Attributes
    ----------
    module
        The bindings.
    version : str

    Raises
    ------
    MissingDependencyError
        The flavour is not installed, or its libraries are not.
    """

    def __init__(self, flavor: str) -> None:
        self.flavor = flavor
        try:
            self.module: Any = import_module(MODULES[flavor])
        except ImportError as missing:  # of the bindings, or of the libraries that they load
            raise MissingDependencyError(
                f"an engine for {flavor} needs {MODULES[flavor]!r}; "
                f"pip install 'colorize-batch[{EXTRAS[flavor]}]'"
            ) from missing
        self.version: str = self.module.__version__
        # Filtered in C++. A logger in Python would need the GIL for thousands of verbose lines a build,
        # which threads of TensorRT would wait for while a destructor holds it.
        self.logger: Any = self.module.Logger(self.module.ILogger.Severity.INTERNAL_ERROR)
        self._recorder: Any = _error_recorder(self.module)
        _KEPT.append((self.logger, self._recorder))

    def watch(self, thing: Any) -> Any:
        """Have a runtime's or a builder's errors recorded, and those of all that it makes; returns it."""
        thing.error_recorder = self._recorder
        return thing

    def forget_errors(self) -> None:
        """Forget what went wrong so far; called before what `failure` or `last_error` shall explain."""
        self._recorder.clear()

    def last_error(self) -> str:
        """Return the first complaint of TensorRT since the last call, in one line."""
        errors = self._recorder.errors
        first = errors[0][1].strip().splitlines()[0] if errors else "it gave no reason"
        self._recorder.clear()
        return first

    def failure(self, what: str) -> DeviceError:
        """Error to raise for a call that failed; a DeviceMemoryError if memory ran out."""
        out_of_memory = any(
            code == self.module.ErrorCodeTRT.FAILED_ALLOCATION or "out of memory" in text.lower()
            for code, text in self._recorder.errors
        )
        kind = DeviceMemoryError if out_of_memory else DeviceError
        return kind(f"{what}: {self.last_error()}")


def _error_recorder(module: Any) -> Any:
    """Make an `IErrorRecorder` of the flavour's own class that keeps codes and texts."""

    class ErrorRecorder(module.IErrorRecorder):  # type: ignore[misc]  # of a module chosen at run time
        def __init__(self) -> None:
            module.IErrorRecorder.__init__(self)
            self.errors: list[tuple[Any, str]] = []

        def num_errors(self) -> int:
            return len(self.errors)

        def get_error_code(self, index: int) -> Any:
            return self.errors[index][0]

        def get_error_desc(self, index: int) -> str:
            return self.errors[index][1]

        def has_overflowed(self) -> bool:
            return False

        def clear(self) -> bool:
            self.errors.clear()
            return True

        def report_error(self, code: Any, text: str) -> bool:
            if text.strip():
                self.errors.append((code, text))
            return False  # TensorRT goes on as it would without a recorder

    return ErrorRecorder()


def installed_flavors() -> tuple[str, ...]:
    """Flavours whose bindings are there, those for data-centre GPUs first; imports nothing."""
    return tuple(flavor for flavor, module in MODULES.items() if find_spec(module) is not None)
