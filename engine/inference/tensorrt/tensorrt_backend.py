"""The TensorRT back end: an engine on one GPU, three batches under way at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ....errors import BackendError, ModelError
from ..contract import ModelContract
from ..device_spec import DeviceSpec
from ..gpu.open_device import open_device
from ..gpu.protocol import Device, DeviceMemoryError
from ..hints import HintPlanes, check_hints
from .batch_ring import DEPTH, BatchRing
from .engine_file import HOW_TO_REBUILD, IO_DTYPE, EngineFile, read_engine_file
from .engine_program import EngineProgram
from .tensorrt_engine import TensorRtEngine
from .tensorrt_library import TensorRtLibrary

MOST_PREFERRED: Final = 32  # pictures: beyond, a GPU gains little and the first waits longer


class TensorRtBackend:
    """An engine on a GPU; see `Backend`.

    Parameters
    ----------
    file
        With its plan.
    path
        Names it in errors.
    library
        Of the flavour that built it.
    device
        The GPU; the back end closes it.
    on_note
        Called with one line about what a user should know and cannot see.

    Raises
    ------
    ModelError
        The engine is not for this version or this GPU.
    DeviceError
        The GPU failed, or has not memory enough for the engine.
    """

    callers = DEPTH

    def __init__(
        self,
        file: EngineFile,
        path: Path,
        library: TensorRtLibrary,
        device: Device,
        *,
        on_note: Callable[[str], None],
    ) -> None:
        self.contract: ModelContract = file.contract
        self.device = f"cuda:{device.ordinal}"
        self.preferred_batch_size = min(file.key.batch_max, MOST_PREFERRED)
        self._device = device
        self._on_note = on_note
        self._most = file.key.batch_max
        self._lock = Lock()
        self._has_backed_off = False
        try:
            with device.current():
                self._engine = TensorRtEngine(file, path, library, device)
                compute = device.stream()
                program = EngineProgram(self._engine, device, compute, on_note=self._note)
                self._ring = BatchRing(device, compute, program)
        except BaseException:
            device.close()
            raise
        self._closed = False

    @property
    def busy_seconds(self) -> tuple[float, ...]:
        """Time that the GPU has computed, by its own clock."""
        return (self._ring.busy_seconds,)

    def infer(
        self, l_batch: NDArray[np.float32], hints: HintPlanes | None = None
    ) -> NDArray[np.float32]:
        """(N, 1, H, W) L* to (N, 2, h, w) a*, b*; see `Backend.infer`.

        A batch too large for the engine, or for the memory that is left, goes in parts.
        """
        if self._closed:
            raise BackendError("the back end is closed")
        check_hints(self.contract, hints)
        if l_batch.ndim != 4 or l_batch.shape[1] != 1 or not len(l_batch):
            raise BackendError(f"expected a batch of (N, 1, H, W), got {l_batch.shape}")
        parts: list[NDArray[np.float32]] = []
        done = tries = 0
        with self._device.current():
            while done < len(l_batch):
                part = l_batch[done : done + self._most]
                try:
                    parts.append(self._ring.run(part.astype(np.float32, copy=False)))
                except DeviceMemoryError as error:
                    if len(part) == 1:
                        tries += 1
                        self._make_room_for_one(tries, error)
                    else:
                        self._back_off(len(part))
                else:
                    done += len(part)
        self._say_if_backed_off()
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def interrupt(self) -> None:
        """Do nothing: engines have no loops, and a batch takes milliseconds."""

    def close(self) -> None:
        """Free engine and GPU; idempotent."""
        if self._closed:
            return
        self._closed = True
        # After an error that killed the GPU's context there is nothing left to free.
        with suppress(BackendError), self._device.current():
            self._ring.forget()
            self._engine.close()
        self._device.close()

    def _make_room_for_one(self, tries: int, error: DeviceMemoryError) -> None:
        """Wait until larger batches of other callers have given their memory back."""
        if tries > DEPTH:
            raise DeviceMemoryError(
                f"{self.device}: not enough memory for one picture ({error}); close what else "
                "runs on that GPU, or use --device cpu"
            ) from error
        self._ring.forget(wait=True)

    def _back_off(self, count: int) -> None:
        """Half as many from here on, for all callers."""
        with self._lock:
            # Another caller may have been through this with a batch of the same size.
            if self._most >= count:
                self._most = count // 2
                self._has_backed_off = True
                self._ring.forget()

    def _say_if_backed_off(self) -> None:
        """Once the size is found at which it goes on, not at every step down to it."""
        with self._lock:
            said, self._has_backed_off = self._has_backed_off, False
        if said:
            self._note(f"not enough memory; going on with batches of {self._most}")

    def _note(self, text: str) -> None:
        self._on_note(f"{self.device}: {text}")


def open_tensorrt(
    model_file: Path, spec: DeviceSpec, *, threads: int, on_note: Callable[[str], None]
) -> TensorRtBackend:
    """Load an `.engine` file on one GPU.

    Raises
    ------
    ModelError
        The file is damaged, or not for this version of TensorRT or this GPU.
    MissingDependencyError
        cuda-bindings, or the flavour of TensorRT, is not installed.
    BackendError
        There is no driver or no such GPU.
    """
    del threads  # of the CPU
    file = read_engine_file(model_file)
    if not file.input_dtype == file.output_dtype == IO_DTYPE:
        raise ModelError(
            f"{model_file}: expected {IO_DTYPE} in and out, got {file.input_dtype} and "
            f"{file.output_dtype}; {HOW_TO_REBUILD}"
        )
    library = TensorRtLibrary(file.key.flavor)
    device = open_device(spec.ordinal)
    return TensorRtBackend(file, model_file, library, device, on_note=on_note)
