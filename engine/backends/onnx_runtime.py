"""The ONNX Runtime back end: the CPU, and CUDA where its provider is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ...errors import BackendError, ContractError, ModelError
from ..contract import HOW_TO_EXPORT, INPUT_NAME, OUTPUT_NAME, ModelContract
from ..cores import available_cores

_CPU = "CPUExecutionProvider"
_CUDA = "CUDAExecutionProvider"


class OnnxRuntimeBackend:
    """A model in an ONNX Runtime session; see `Backend`.

    Parameters
    ----------
    model_file
        An ONNX file under the contract.
    provider
        An execution provider that this ONNX Runtime has.
    threads
        Of one call on the CPU; 0 is all cores.
    """

    def __init__(self, model_file: Path, *, provider: str, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        threads = threads or available_cores()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # The other stages need the cores while the network waits for its next batch.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if not model_file.is_file():
            raise ModelError(f"{model_file}: no such model file; {HOW_TO_EXPORT}")
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(model_file), sess_options=options, providers=[provider]
            )
        except Exception as error:  # ONNX Runtime's errors have no common base
            first = (str(error).splitlines() or ["no reason given"])[0]
            raise ModelError(f"{model_file}: not a usable ONNX model: {first}") from error
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.contract = ModelContract.from_metadata(metadata, str(model_file))
        _check_tensors(self._session, model_file)
        self.device = "cuda:0" if provider == _CUDA else "cpu"
        # On the CPU a batch only costs memory: one picture fits the caches, four do not.
        self.callers = 1 if provider == _CUDA else max(1, available_cores() // threads)
        self.preferred_batch_size = 32 if provider == _CUDA else 1

    def infer(self, l_batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, 1, H, W) L* to (N, 2, h, w) a*, b*; see `Backend.infer`."""
        if self._session is None:
            raise BackendError("the back end is closed")
        try:
            (ab_batch,) = self._session.run([OUTPUT_NAME], {INPUT_NAME: l_batch})
        except Exception as error:
            first = (str(error).splitlines() or ["no reason given"])[0]
            raise BackendError(f"ONNX Runtime failed: {first}") from error
        result: NDArray[np.float32] = ab_batch
        return result

    def close(self) -> None:
        """Free the session; idempotent."""
        self._session = None


def open_cpu(model_file: Path, threads: int) -> OnnxRuntimeBackend:
    """Load on the CPU."""
    return OnnxRuntimeBackend(model_file, provider=_CPU, threads=threads)


def open_cuda(model_file: Path, threads: int) -> OnnxRuntimeBackend:
    """Load on the first GPU."""
    if _CUDA not in onnxruntime.get_available_providers():
        raise BackendError(
            "--device cuda: this ONNX Runtime has no CUDA; pip install onnxruntime-gpu in place of "
            "onnxruntime, or use --device cpu"
        )
    return OnnxRuntimeBackend(model_file, provider=_CUDA, threads=threads)


def open_auto(model_file: Path, threads: int) -> OnnxRuntimeBackend:
    """Load on a GPU if ONNX Runtime has one, else on the CPU."""
    has_cuda = _CUDA in onnxruntime.get_available_providers()
    return open_cuda(model_file, threads) if has_cuda else open_cpu(model_file, threads)


def _check_tensors(session: Any, model_file: Path) -> None:
    inputs = [tensor.name for tensor in session.get_inputs()]
    outputs = [tensor.name for tensor in session.get_outputs()]
    if inputs != [INPUT_NAME] or OUTPUT_NAME not in outputs:
        raise ContractError(
            f"{model_file}: expected input {INPUT_NAME} and output {OUTPUT_NAME}, "
            f"found {inputs} and {outputs}; {HOW_TO_EXPORT}"
        )
