"""What the engine asks of a back end, and the table of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from .contract import ModelContract
from .hints import HintPlanes


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
        devices=("cpu", "cuda", "rtx", "openvino", "directml", "coreml", "webgpu"),
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

    def infer(
        self, l_batch: NDArray[np.float32], hints: HintPlanes | None = None
    ) -> NDArray[np.float32]:
        """Predict.

        Parameters
        ----------
        l_batch
            (N, 1, H, W), CIELAB L* 0..100, of an allowed working shape.
        hints
            For a model whose contract says that it takes them; None for none.

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

    def interrupt(self) -> None:
        """Let calls of `infer` that are under way raise BackendError soon, where that is possible."""
        ...

    def close(self) -> None:
        """Free the model; idempotent."""
        ...
