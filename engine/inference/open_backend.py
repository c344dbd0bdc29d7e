"""A model file opened by the back end that runs its kind."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from ...errors import ModelError, UsageError
from .backend import BACKENDS, Backend
from .contract import HOW_TO_EXPORT
from .device_spec import device_specs
from .several_devices import SeveralDevices


def log_note(text: str) -> None:
    """Pass a note on to Python's logging, which prints it unless configured otherwise."""
    logging.getLogger("colorize_batch").warning("%s", text)


def open_backend(
    model_file: Path,
    *,
    device: str = "auto",
    threads: int = 1,
    on_note: Callable[[str], None] = log_note,
) -> Backend:
    """Load a model.

    Parameters
    ----------
    model_file
        An ONNX file under the contract, or an engine made of one.
    device
        "auto", "cpu", "cuda" or "cuda:0"; "cuda:0,1" for several GPUs, which share the batches.
    threads
        That one call takes on the CPU; 0 is all cores. Many calls of one thread each do more work
        in the same time than one call after the other on all cores.
    on_note
        Called with a line on what goes on otherwise than was requested: smaller batches, a GPU
        fewer. May be called from any thread.

    Raises
    ------
    UsageError
        The device is unknown, or the model does not run on it.
    ModelError, ContractError
        The file is no model, not under the contract, or not for this machine.
    MissingDependencyError
        What runs the model is not installed.
    BackendError
        The device is not there.
    """
    specs = device_specs(device)
    kind = BACKENDS.get(model_file.suffix.lower())
    if kind is None:
        raise ModelError(
            f"{model_file}: expected a model's file, {' or '.join(BACKENDS)}; {HOW_TO_EXPORT}"
        )
    if specs[0].kind not in ("auto", *kind.devices):
        raise UsageError(
            f"--device {device}: {model_file} runs on {' or '.join(kind.devices)} only; "
            "give the .onnx model, which runs anywhere"
        )
    load = getattr(importlib.import_module(kind.module, __package__), kind.function)
    with ExitStack() as opened:
        backends: list[Backend] = []
        for spec in specs:
            backends.append(load(model_file, spec, threads=threads, on_note=on_note))
            opened.callback(backends[-1].close)
        opened.pop_all()
    return backends[0] if len(backends) == 1 else SeveralDevices(backends, on_note=on_note)
