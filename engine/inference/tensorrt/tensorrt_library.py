"""TensorRT and TensorRT for RTX: which is installed, and what they have to say."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from ....errors import MissingDependencyError

# flavour -> the module of its Python bindings
MODULES: Final[Mapping[str, str]] = {
    "tensorrt": "tensorrt",
    "tensorrt-rtx": "tensorrt_rtx_bindings",
}


class TensorRtLibrary:
    """The Python bindings of one flavour, with a logger that keeps errors for our messages.

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
                "pip install 'colorize-batch[tensorrt]'"
            ) from missing
        self.version: str = self.module.__version__
        self._errors: list[str] = []
        self.logger: Any = self._new_logger()

    def last_error(self) -> str:
        """Complaints of TensorRT since the last call, in one line."""
        first = self._errors[0].strip().splitlines()[0] if self._errors else "it gave no reason"
        self._errors.clear()
        return first

    def _new_logger(self) -> Any:
        base = self.module.ILogger
        errors = self._errors
        serious = (base.Severity.ERROR, base.Severity.INTERNAL_ERROR)

        class Logger(base):  # type: ignore[misc, valid-type]  # of a module chosen at run time
            def __init__(self) -> None:
                base.__init__(self)

            def log(self, severity: Any, message: str) -> None:
                if severity in serious and message.strip():
                    errors.append(message)

        return Logger()


def installed_flavors() -> tuple[str, ...]:
    """Flavours whose bindings are there, those for data-centre GPUs first; imports nothing."""
    return tuple(flavor for flavor, module in MODULES.items() if find_spec(module) is not None)
