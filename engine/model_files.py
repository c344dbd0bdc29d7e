"""The models that ship, by name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..errors import UsageError

DEFAULT_MODEL: Final = "lite"
_FOLDER: Final = Path(__file__).parent.parent / "models"


def model_file(name_or_path: str | Path) -> Path:
    """The ONNX file of a shipped model's name, or the path itself if it ends in .onnx.

    Raises
    ------
    UsageError
        Neither a shipped model nor an existing .onnx file.
    """
    path = Path(name_or_path)
    if path.suffix.lower() == ".onnx":
        if not path.is_file():
            raise UsageError(f"{path}: no such model file")
        return path
    names = shipped_models()
    if str(name_or_path) not in names:
        raise UsageError(
            f"model {str(name_or_path)!r}: expected {' or '.join(names)}, or a path ending in .onnx"
        )
    return _FOLDER / f"{name_or_path}.onnx"


def shipped_models() -> list[str]:
    """Names of the models that came with the package."""
    return sorted(path.stem for path in _FOLDER.glob("*.onnx"))
