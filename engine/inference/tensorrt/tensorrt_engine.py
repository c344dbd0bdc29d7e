"""An engine that TensorRT has loaded, and its execution contexts."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ....errors import BackendError, ModelError, UnwritableError
from ...atomic_write import write_atomically
from ..contract import INPUT_NAME, OUTPUT_NAME
from ..gpu.protocol import Device, DeviceMemory
from .batch_ring import Shape
from .engine_file import HOW_TO_REBUILD, EngineFile
from .engine_refusal import refusal
from .tensorrt_library import TensorRtLibrary

KERNEL_CACHE_SUFFIX: Final = ".kernels"  # beside the engine: what TensorRT for RTX compiled


class TensorRtEngine:
    """A plan, ready to run on one GPU.

    Parameters
    ----------
    file
        With its plan.
    path
        Names it in errors.
    library
        Of the flavour that built it.
    device
        The GPU, current.

    Attributes
    ----------
    batch_max : int
    records_itself : bool
        Whether this flavour makes CUDA graphs on its own.

    Raises
    ------
    ModelError
        It was built by another version or for another GPU, or TensorRT refuses it.
    """

    def __init__(
        self, file: EngineFile, path: Path, library: TensorRtLibrary, device: Device
    ) -> None:
        _check_origin(file, path, library, device)
        self.batch_max = file.key.batch_max
        self._library = library
        self._cache_path = path.with_suffix(KERNEL_CACHE_SUFFIX)
        self._cache: Any = None
        self._runtime: Any = library.watch(library.module.Runtime(library.logger))
        library.forget_errors()
        reason = refusal(library.module, self._runtime, file.plan)
        # TensorRT says no by None, and why through the recorder.
        self._engine: Any = None if reason else self._runtime.deserialize_cuda_engine(file.plan)
        if self._engine is None:
            reason = reason or f"{library.last_error()}; update the driver, or {HOW_TO_REBUILD}"
            raise ModelError(f"{path}: TensorRT refuses it: {reason}")
        self._settings = self._own_settings()
        self.records_itself = self._settings is not None
        self._prober: Any = self._new_context()
        self._output_shapes: dict[Shape, Shape] = {}
        self._workspace_bytes: dict[Shape, int] = {}

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of `ab_planes` for an input of (N, 1, H, W); raises BackendError."""
        if shape not in self._output_shapes:
            self._set_input_shape(self._prober, shape)
            self._output_shapes[shape] = tuple(self._prober.get_tensor_shape(OUTPUT_NAME))
        return self._output_shapes[shape]

    def workspace_bytes(self, shape: Shape) -> int:
        """Size of the device memory that a context needs for an input shape; raises BackendError."""
        if shape not in self._workspace_bytes:
            self._set_input_shape(self._prober, shape)
            nbytes = int(self._prober.update_device_memory_size_for_shapes())
            self._workspace_bytes[shape] = nbytes
        return self._workspace_bytes[shape]

    def context(self, shape: Shape, input_address: int, output_address: int) -> TensorRtContext:
        """Make a context for one shape and one pair of buffers; raises BackendError."""
        context = self._new_context()
        self._set_input_shape(context, shape)
        for name, address in ((INPUT_NAME, input_address), (OUTPUT_NAME, output_address)):
            self._library.forget_errors()
            if not context.set_tensor_address(name, address):
                raise self._library.failure(f"TensorRT does not take the buffer of {name}")
        return TensorRtContext(context, self._library)

    def close(self) -> None:
        """Let it go, with the GPU current and all contexts gone; idempotent."""
        # In this order: a cache must outlive the contexts that use it, and the logger everything.
        self._prober = None
        kernels = None if self._cache is None else self._cache.serialize()
        if kernels is not None:
            # It only saves time; a folder that cannot be written to costs just that.
            with suppress(UnwritableError):
                write_atomically(self._cache_path, bytes(kernels))
        self._cache = None
        self._settings = None
        self._engine = None
        self._runtime = None

    def _own_settings(self) -> Any | None:
        """TensorRT for RTX compiles kernels while it runs, and knows best when to record them."""
        module = self._library.module
        if not hasattr(module, "CudaGraphStrategy"):
            return None
        settings = self._engine.create_runtime_config()
        settings.set_execution_context_allocation_strategy(
            module.ExecutionContextAllocationStrategy.USER_MANAGED
        )
        settings.cuda_graph_strategy = module.CudaGraphStrategy.WHOLE_GRAPH_CAPTURE
        self._cache = settings.create_runtime_cache()
        if self._cache_path.is_file():
            # Refused if it is of another version or GPU; then it is made anew.
            self._cache.deserialize(self._cache_path.read_bytes())
        settings.set_runtime_cache(self._cache)
        return settings

    def _new_context(self) -> Any:
        strategy = self._library.module.ExecutionContextAllocationStrategy.USER_MANAGED
        self._library.forget_errors()
        context = self._engine.create_execution_context(self._settings or strategy)
        if context is None:
            raise self._library.failure("TensorRT makes no execution context")
        return context

    def _set_input_shape(self, context: Any, shape: Shape) -> None:
        if not context.set_input_shape(INPUT_NAME, shape):
            low, _, high = self._engine.get_tensor_profile_shape(INPUT_NAME, 0)
            raise BackendError(
                f"expected a batch of {tuple(low)} to {tuple(high)}, got {shape}; {HOW_TO_REBUILD}"
            )


class TensorRtContext:
    """An execution context for one shape and one pair of buffers."""

    def __init__(self, context: Any, library: TensorRtLibrary) -> None:
        self._context = context
        self._library = library
        # Asked for again, though the engine knows it: a context settles its shapes by it.
        context.update_device_memory_size_for_shapes()

    def use_workspace(self, memory: DeviceMemory) -> None:
        """Use device memory, as much as `workspace_bytes` says, that outlives the context."""
        self._context.set_device_memory(memory.address, memory.nbytes)

    def execute(self, stream_handle: int) -> None:
        """Queue the network; raises DeviceMemoryError or DeviceError."""
        self._library.forget_errors()
        if not self._context.execute_async_v3(stream_handle):
            raise self._library.failure("TensorRT failed")


def _check_origin(file: EngineFile, path: Path, library: TensorRtLibrary, device: Device) -> None:
    key = file.key
    if key.flavor_version != library.version:
        raise ModelError(
            f"{path}: built by {key.flavor} {key.flavor_version}, but {library.version} is "
            f"installed; {HOW_TO_REBUILD}"
        )
    built_for = key.device_name, key.compute_capability
    if built_for not in ((None, None), (device.name, device.compute_capability)):
        raise ModelError(
            f"{path}: built for {key.device_name}, but cuda:{device.ordinal} is {device.name}; "
            f"{HOW_TO_REBUILD}"
        )
