"""What the engine asks of a back end, and the table of them."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError, UsageError
from .contract import HOW_TO_EXPORT, ModelContract
from .device_spec import targets_of


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendKind:
    """A back end that there is, without loading it.

    Parameters
    ----------
    module, function
        What opens a model on one device; imported when it is requested.
    devices
        Kinds of device that it runs on.
    precisions
        Of the computation; input and output are float32 everywhere.
    dynamic_batch
        Whether batches of different sizes may follow each other.
    """

    module: str
    function: str
    devices: tuple[str, ...]
    precisions: tuple[str, ...]
    dynamic_batch: bool


# suffix of a model's file -> what runs it
BACKENDS: Final[Mapping[str, BackendKind]] = {
    ".onnx": BackendKind(
        module=".onnx_runtime",
        function="open_onnx_runtime",
        devices=("cpu", "cuda"),
        precisions=("fp32", "fp16"),
        dynamic_batch=True,
    ),
    ".engine": BackendKind(
        module=".tensorrt.tensorrt_backend",
        function="open_tensorrt",
        devices=("cuda",),
        precisions=("fp32", "fp16"),
        dynamic_batch=True,
    ),
}


class Backend(Protocol):
    """A loaded model on a device.

    Attributes
    ----------
    contract
        Of the model.
    device
        Where it runs, as people name it: "cpu", "cuda:0", "cuda:0,1".
    callers
        How many threads may, and should, call `infer` at a time.
    preferred_batch_size
        What `batch size: auto` means here.
    busy_seconds
        Of each device, how long it has computed so far by its own clock; empty where nobody counts.
    """

    @property
    def contract(self) -> ModelContract: ...
    @property
    def device(self) -> str: ...
    @property
    def callers(self) -> int: ...
    @property
    def preferred_batch_size(self) -> int: ...
    @property
    def busy_seconds(self) -> tuple[float, ...]: ...

    def infer(self, l_batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Predict.

        Parameters
        ----------
        l_batch
            (N, 1, H, W), CIELAB L* 0..100, of an allowed working shape.

        Returns
        -------
        NDArray
            (N, 2, h, w) CIELAB a*, b*; a new array.

        Raises
        ------
        BackendError
            The device failed, or ran out of memory.
        """
        ...

    def close(self) -> None:
        """Free the model; idempotent."""
        ...


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
        Called with one line about what goes on another way than was requested: smaller batches, a GPU
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
    targets = targets_of(device)
    kind = BACKENDS.get(model_file.suffix.lower())
    if kind is None:
        raise ModelError(
            f"{model_file}: expected a model's file, {' or '.join(BACKENDS)}; {HOW_TO_EXPORT}"
        )
    if targets[0].kind not in ("auto", *kind.devices):
        raise UsageError(
            f"--device {device}: {model_file} runs on {' or '.join(kind.devices)} only; "
            "give the .onnx model, which runs anywhere"
        )
    load = getattr(importlib.import_module(kind.module, __package__), kind.function)
    with ExitStack() as opened:
        backends: list[Backend] = []
        for target in targets:
            backends.append(load(model_file, target, threads=threads, on_note=on_note))
            opened.callback(backends[-1].close)
        opened.pop_all()
    if len(backends) == 1:
        return backends[0]
    from .several_devices import SeveralDevices  # noqa: PLC0415  # it needs `Backend`

    return SeveralDevices(backends, on_note=on_note)
