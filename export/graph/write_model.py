"""An ONNX model as a file."""

from __future__ import annotations

from pathlib import Path

import onnx

from ...engine.atomic_write import write_atomically


def write_model(model: onnx.ModelProto, onnx_path: Path) -> int:
    """Check a model, write it so that equal models are equal files, and count its bytes.

    Raises
    ------
    UnwritableError
        The file cannot be written.
    """
    onnx_bytes = checked_bytes(model)
    write_atomically(onnx_path, onnx_bytes)
    return len(onnx_bytes)


def checked_bytes(model: onnx.ModelProto) -> bytes:
    """Check a model by ONNX's own rules, shapes included, and serialise it: equal models, equal bytes."""
    onnx.checker.check_model(model, full_check=True)
    onnx_bytes: bytes = model.SerializeToString(deterministic=True)
    return onnx_bytes
