"""Commands whose needs are an extra of the package."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final
from urllib.parse import urlparse
from urllib.request import url2pathname

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


def with_installable_hints(message: str) -> str:
    """Let a message's `pip install 'colorize-batch[...]'` name the clone that was installed, if one was.

    What was installed from a folder says so in direct_url.json (PEP 610); on a package index there may
    be no such release.
    """
    try:
        record = distribution("colorize-batch").read_text("direct_url.json")
    except PackageNotFoundError:
        return message
    url = urlparse(json.loads(record)["url"] if record else "")
    folder = Path(url2pathname(url.path))
    if url.scheme != "file" or not (folder / "pyproject.toml").is_file():
        return message
    return message.replace("'colorize-batch[", f"'{folder}[")
