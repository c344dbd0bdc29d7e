"""A model of half the bytes and fewer multiplications."""

from __future__ import annotations

from pathlib import Path

from .half_weights import halve_weights
from .read_model import read_model
from .upsample_after_conv import fold_doublings
from .write_model import write_model


def compress_model(source: Path, output: Path) -> int:
    """Write a model with its weights in half precision, and its decoder computed before it is doubled.

    Neither changes what it gives by more than half precision rounds; see `halve_weights` and
    `fold_doublings`.

    Parameters
    ----------
    source
        An ONNX file under the contract.
    output
        Replaced if it exists; may be `source`.

    Returns
    -------
    int
        Bytes of the file.

    Raises
    ------
    ModelError, ContractError
        The source is no model, or not under the contract.
    UnwritableError
        The file cannot be written.
    """
    model, _, _ = read_model(source, keep_hints=True)
    fold_doublings(model)
    halve_weights(model)
    return write_model(model, output)
