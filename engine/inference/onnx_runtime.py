"""The ONNX Runtime back end: the CPU, and what else its execution providers serve."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ...errors import BackendError, ContractError, ModelError, first_line
from ..threads.cores import available_cores
from .contract import (
    HINT_AB_NAME,
    HINT_MASK_NAME,
    HOW_TO_EXPORT,
    INPUT_NAME,
    OUTPUT_NAME,
    ModelContract,
)
from .device_spec import DeviceSpec
from .execution_providers import ACCELERATORS, CPU, add_provider, serves_gpus
from .hints import HintPlanes, check_hints
from .model_policy import check_model_file

# A model of so many bytes takes a second and a gigabyte for a picture: a CPU looks at one at a time,
# with all its cores.
LARGE_BYTES: Final = 24 << 20

# For a program that loaded ONNX Runtime before us; see also the package's __init__.
onnxruntime.disable_telemetry_events()


# The process that loaded the first model.
_first_process: int | None = None


class OnnxRuntimeBackend:
    """A model in an ONNX Runtime session; see `Backend`.

    Parameters
    ----------
    model_file
        An ONNX file under the contract.
    kind
        "cpu", or a key of `ACCELERATORS`.
    ordinal
        Which GPU of CUDA, as the driver counts.
    threads
        Of one call on the CPU; 0 is all cores, and so is 1 for a model of `LARGE_BYTES`.
    """

    busy_seconds: tuple[float, ...] = ()

    def __init__(
        self, model_file: Path, *, kind: str = "cpu", ordinal: int = 0, threads: int = 1
    ) -> None:
        if not model_file.is_file():
            raise ModelError(f"{model_file}: no such model file; {HOW_TO_EXPORT}")
        options = onnxruntime.SessionOptions()
        is_large = model_file.stat().st_size >= LARGE_BYTES
        threads = available_cores() if is_large and threads == 1 else threads or available_cores()
        options.intra_op_num_threads = threads
        # A plan of memory is a second block, as large as all that the first picture took.
        options.enable_mem_pattern = not is_large
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # The other stages need the cores while the network waits for its next batch.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        _refuse_forked()
        self._runs: set[Any] = set()
        check_model_file(model_file)
        providers = add_provider(options, kind, ordinal)
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(model_file),
                sess_options=options,
                providers=providers,
            )
        except Exception as error:  # ONNX Runtime's errors have no common base
            raise ModelError(
                f"{model_file}: not a usable ONNX model: {first_line(error)}"
            ) from error
        self.device = f"cuda:{ordinal}" if kind == "cuda" else kind
        on_cpu = kind == "cpu"
        if not on_cpu and self._session.get_providers()[0] == CPU:
            raise BackendError(
                f"--device {self.device}: ONNX Runtime cannot use it; check its driver and the "
                "libraries that the provider needs, or use --device cpu"
            )
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.contract = ModelContract.from_metadata(metadata, str(model_file))
        _check_tensors(self._session, self.contract, model_file)
        # On the CPU a batch only costs memory: one picture fits the caches, four do not.
        self.callers = max(1, available_cores() // threads) if on_cpu else 1
        self.preferred_batch_size = 1 if on_cpu else ACCELERATORS[kind].batch
        # Providers plan anew for every size of batch, so they get few sizes.
        self._pads = not on_cpu

    def infer(
        self, l_batch: NDArray[np.float32], hints: HintPlanes | None = None
    ) -> NDArray[np.float32]:
        """(N, 1, H, W) L* to (N, 2, h, w) a*, b*; see `Backend.infer`."""
        if self._session is None:
            raise BackendError("the back end is closed")
        _refuse_forked()
        check_hints(self.contract, hints)
        wanted = len(l_batch)
        if self._pads:
            more = (1 << (wanted - 1).bit_length()) - wanted
            l_batch = np.concatenate([l_batch, np.zeros((more, *l_batch.shape[1:]), np.float32)])
            hints = hints and hints.padded(more)
        feeds = {INPUT_NAME: l_batch}
        if self.contract.hints:
            count, _, height, width = l_batch.shape
            planes = hints or HintPlanes.of_hints([()] * count, height, width)
            feeds |= {HINT_AB_NAME: planes.ab, HINT_MASK_NAME: planes.mask}
        run = onnxruntime.RunOptions()
        run.log_severity_level = 4  # what fails is raised, not written to standard error as well
        self._runs.add(run)
        try:
            (ab_batch,) = self._session.run([OUTPUT_NAME], feeds, run)
        except Exception as error:
            raise BackendError(f"ONNX Runtime failed: {first_line(error)}") from error
        finally:
            self._runs.discard(run)
        is_padded = len(l_batch) > wanted and len(ab_batch) == len(l_batch)
        result: NDArray[np.float32] = ab_batch[:wanted] if is_padded else ab_batch
        return result

    def interrupt(self) -> None:
        """Let ONNX Runtime end calls that are under way, between two operators; also in a loop."""
        for run in list(self._runs):
            run.terminate = True

    def close(self) -> None:
        """Free the session; idempotent."""
        self._session = None


def open_onnx_runtime(
    model_file: Path, spec: DeviceSpec, *, threads: int, on_note: Callable[[str], None]
) -> OnnxRuntimeBackend:
    """Load on one device; "auto" is an NVIDIA GPU if this ONNX Runtime serves one.

    Raises
    ------
    ModelError, ContractError
        The file is no ONNX model, or not under the contract.
    MissingDependencyError
        This ONNX Runtime is not for that kind of device.
    BackendError
        This machine has no such device that it could use.
    """
    del on_note  # nothing goes on otherwise than requested
    kind: str = spec.kind
    if kind == "auto":
        kind = "cuda" if serves_gpus() else "cpu"
    return OnnxRuntimeBackend(model_file, kind=kind, ordinal=spec.ordinal, threads=threads)


def _refuse_forked() -> None:
    """Raise BackendError in a child that was forked after a model was loaded.

    The threads of ONNX Runtime and libvips are not there in it, and both wait for them for ever.
    """
    global _first_process  # noqa: PLW0603  # one process, one fact
    _first_process = _first_process or os.getpid()
    if _first_process != os.getpid():
        raise BackendError(
            "this process was forked after a model was loaded, and has none of its threads; start "
            "processes by 'spawn' or 'forkserver', or load models only in the children"
        )


def _check_tensors(session: Any, contract: ModelContract, model_file: Path) -> None:
    expected = [INPUT_NAME, *((HINT_AB_NAME, HINT_MASK_NAME) if contract.hints else ())]
    inputs = [tensor.name for tensor in session.get_inputs()]
    outputs = [tensor.name for tensor in session.get_outputs()]
    if inputs != expected or OUTPUT_NAME not in outputs:
        raise ContractError(
            f"{model_file}: expected input {', '.join(expected)} and output {OUTPUT_NAME}, "
            f"found {inputs} and {outputs}; {HOW_TO_EXPORT}"
        )
    output = next(tensor for tensor in session.get_outputs() if tensor.name == OUTPUT_NAME)
    channels = output.shape[1] if len(output.shape) == 4 else 0
    # A dimension without a number is a name, or None; it is looked at with the first batch.
    is_right = channels == 2 or (channels != 0 and not isinstance(channels, int))
    if output.type != "tensor(float)" or not is_right:
        raise ContractError(
            f"{model_file}: expected {OUTPUT_NAME} of (N, 2, h, w), tensor(float), found "
            f"{output.shape}, {output.type}; {HOW_TO_EXPORT}"
        )
