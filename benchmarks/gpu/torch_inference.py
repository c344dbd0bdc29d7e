"""PyTorch as a back end, to stand beside the others in `inference`: FP16, one CUDA graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.errors import BackendError, MissingDependencyError


class TorchRuntime:
    """The network `lite` with weights of its own; on a CPU in float32, without a graph.

    Parameters
    ----------
    onnx_file
        Its contract says the working shapes.
    device
        As torch takes it.

    Raises
    ------
    MissingDependencyError
        There is no torch, or none for GPUs.
    """

    callers = 3
    preferred_batch_size = 32
    busy_seconds: tuple[float, ...] = ()

    def __init__(self, onnx_file: Path, device: str) -> None:
        try:
            import torch  # noqa: PLC0415

            from colorize_batch.training.models import build_model  # noqa: PLC0415
        except ModuleNotFoundError as missing:
            raise MissingDependencyError(f"this needs {missing.name!r}") from missing
        self.device = device
        self._on_gpu = device != "cpu"
        if self._on_gpu and not torch.cuda.is_available():
            raise MissingDependencyError("this torch sees no GPU")
        with_contract = open_backend(onnx_file, device="cpu")
        self.contract = with_contract.contract
        with_contract.close()
        self._torch = torch
        torch.manual_seed(0)
        network = build_model("lite").eval().to(device, memory_format=torch.channels_last)
        self._network = network.half() if self._on_gpu else network
        self._lock = Lock()
        self._replay: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None

    def infer(self, l_batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Predict; the shape is that of the first call."""
        with self._lock:
            if self._replay is None:
                self._replay = self._recorded(l_batch) if self._on_gpu else self._plain
            return self._replay(l_batch)

    def interrupt(self) -> None:
        """Do nothing: a batch takes milliseconds."""

    def close(self) -> None:
        """Let the graph go."""
        self._replay = None

    def _plain(self, l_batch: NDArray[np.float32]) -> NDArray[np.float32]:
        with self._torch.inference_mode():
            result: NDArray[np.float32] = self._network(self._torch.from_numpy(l_batch)).numpy()
        return result

    def _recorded(
        self, l_batch: NDArray[np.float32]
    ) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
        torch = self._torch
        host = torch.from_numpy(l_batch).pin_memory()
        held = host.to(self.device, dtype=torch.float16)
        stream = torch.cuda.Stream()
        with torch.inference_mode(), torch.cuda.stream(stream):
            for _ in range(3):  # lets cuDNN choose before anything is recorded
                self._network(held)
            stream.synchronize()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, stream=stream):
                output = self._network(held).float()
        host_output = torch.empty(output.shape, pin_memory=True)

        def replay(batch: NDArray[np.float32]) -> NDArray[np.float32]:
            if batch.shape != tuple(host.shape):
                raise BackendError(f"expected {tuple(host.shape)} again, got {batch.shape}")
            with torch.inference_mode(), torch.cuda.stream(stream):
                host.copy_(torch.from_numpy(batch))
                held.copy_(host, non_blocking=True)
                graph.replay()
                host_output.copy_(output, non_blocking=True)
                stream.synchronize()
                result: NDArray[np.float32] = host_output.numpy().copy()
            return result

        return replay
