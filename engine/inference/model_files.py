"""Models by name: those that ship, and those that were fetched."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from ...errors import ModelError, UsageError
from ...kernels import cpu
from .backend import BACKENDS
from .published_files import PUBLISHED_FILES, published_file

DEFAULT_MODEL: Final = "auto"
# The same network twice: as it was trained, and in 8 bit for processors that are made for that.
_TRAINED: Final = "lite"
_IN_8_BIT: Final = "lite-int8"
# What "auto" may stand for.
AUTO_MODELS: Final = (_TRAINED, _IN_8_BIT)
SUMS_NAME: Final = "SHA256SUMS"
_FOLDER: Final = Path(__file__).parents[2] / "models"


def model_file(name_or_path: str | Path, *, for_cpu: bool = False) -> Path:
    """Find the file of a shipped model's name, or of a path.

    Parameters
    ----------
    name_or_path
        "auto" is `lite-int8` on a CPU that computes in 8 bit three times as fast, and `lite` on
        every other device; their colours hardly differ.
    for_cpu
        Whether the model is to run on the CPU.

    Raises
    ------
    UsageError
        Neither a model that ships or was fetched, nor an existing .onnx or .engine file.
    """
    path = Path(name_or_path)
    if path.suffix.lower() in BACKENDS:
        if not path.is_file():
            raise UsageError(f"{path}: no such model file")
        return path
    if str(name_or_path) == DEFAULT_MODEL:
        in_8_bit = cpu.HAS_INT8_DOT_PRODUCT and for_cpu
        return _FOLDER / f"{_IN_8_BIT if in_8_bit else _TRAINED}.onnx"
    name = str(name_or_path)
    if name in shipped_models():
        return _FOLDER / f"{name}.onnx"
    if (own := user_models() / f"{name}.onnx").is_file() and name == own.stem:
        return own
    if any(name == each.name for each in PUBLISHED_FILES):
        published = published_file(name)
        raise UsageError(
            f"model {name!r} is not here yet; get it with: colorize-export fetch {name} "
            f"({published.size_text}, {published.license}), or, of a file that you have: "
            f"colorize-export import FILE {own}"
        )
    names = [DEFAULT_MODEL, *shipped_models()]
    raise UsageError(
        f"model {name!r}: expected {' or '.join(names)}, a name of colorize-export fetch, or a "
        "path ending in .onnx or .engine"
    )


def user_models() -> Path:
    """Folder of the models that were fetched; a name of one is as good as its path."""
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "colorize-batch" / "models"


def check_as_shipped(path: Path, sha256: str) -> None:
    """Refuse a shipped model that is not what was shipped.

    Parameters
    ----------
    path
        Of any model; those outside the package pass.
    sha256
        Hex digest of the file.

    Raises
    ------
    ModelError
        It is a shipped model's file, of other bytes than `models/SHA256SUMS` has for it.
    """
    if path.parent != _FOLDER:
        return
    try:
        lines = (_FOLDER / SUMS_NAME).read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        lines = []
    if f"{sha256}  {path.name}" not in lines:
        raise ModelError(
            f"{path}: not the file that was shipped, its sha256 is {sha256}; install colorize-batch "
            "again, or give your own model as a path outside the package"
        )


def shipped_models() -> list[str]:
    """Names of the models that came with the package."""
    return sorted(path.stem for path in _FOLDER.glob("*.onnx"))
