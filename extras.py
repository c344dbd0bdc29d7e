"""Commands whose needs are an extra of the package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from .errors import MissingDependencyError

# extra -> the modules that it brings
EXTRAS: Final[Mapping[str, frozenset[str]]] = {
    "export": frozenset(
        {"PIL", "onnx", "onnx_ir", "onnxscript", "pooch", "pydantic", "requests", "torch"}
    ),
    "faces": frozenset({"skimage"}),
    "tensorrt": frozenset(
        {"cuda", "filelock", "onnx", "platformdirs", "tensorrt", "tensorrt_rtx_bindings"}
    ),
    "train": frozenset(
        {
            *(
                "PIL",
                "lightning",
                "matplotlib",
                "onnx",
                "onnx_ir",
                "onnxscript",
                "optuna",
                "sqlalchemy",
            ),
            *("pydantic", "tensorboard", "tomli_w", "torch", "typing_extensions"),
        }
    ),
}


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """Import inside this: a module that the extra would bring is requested in one line.

    Raises
    ------
    MissingDependencyError
        Such a module is not installed; other import errors pass as they are.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module not in EXTRAS[extra]:
            raise
        raise MissingDependencyError(
            f"this command needs {module!r}; pip install 'colorize-batch[{extra}]'"
        ) from error
