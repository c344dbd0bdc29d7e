"""ONNX in float32 -> FP16 within bounds -> a TensorRT engine that is checked where it runs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...engine.atomic_write import write_atomically
from ...engine.inference.gpu.open_device import open_device
from ...engine.inference.open_backend import open_backend
from ...engine.inference.tensorrt.engine_file import EngineFile, EngineKey, write_engine_file
from ...errors import ModelError
from ..parity.color_difference import ColorDifference, ParityBounds
from ..parity.onnx_on_cpu import ab_on_cpu
from ..parity.parity_pictures import ParityPicture, parity_pictures
from .build_progress import BuildStep
from .engine_request import EngineRequest
from .mixed_precision import mixed_precision
from .plan_from_onnx import plan_from_onnx

HOW_TO_MEND = "build with --precision fp32, or accept it with --beyond-bounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineReport:
    """Report of a build.

    Parameters
    ----------
    key
        Of the engine.
    nodes, kept
        How many nodes could be FP16, and which of them stayed in float32, by their first outputs.
    rounded
        The difference that FP16's rounding makes, found on the CPU; None of a float32 engine.
    on_gpu
        The difference of the engine itself; None if it was built without a GPU.
    plan_bytes
        Of the serialized engine.
    build_seconds
        That TensorRT took.
    network
        A line for each layer before TensorRT fused them.
    layers_json
        The layers of the engine by TensorRT's inspector; "" if it was built without a GPU.
    """

    key: EngineKey
    nodes: int
    kept: tuple[str, ...]
    rounded: ColorDifference | None
    on_gpu: ColorDifference | None
    plan_bytes: int
    build_seconds: float
    network: tuple[str, ...]
    layers_json: str


def engine_from_onnx(
    request: EngineRequest,
    engine_path: Path,
    *,
    on_progress: Callable[[BuildStep], None] = lambda _: None,
    timing_cache_path: Path | None = None,
) -> EngineReport:
    """Build an engine; the file appears only when it has passed the parity gate.

    Parameters
    ----------
    request
        Of `EngineRequest.of`.
    engine_path
        Replaced if it exists.
    on_progress
        Called with the progress.
    timing_cache_path
        Where flavours that measure kernels keep what they measured, for the next build.

    Returns
    -------
    EngineReport
        What came of it.

    Raises
    ------
    BackendError
        TensorRT or the GPU failed.
    KeyboardInterrupt
        Ctrl-C; nothing is left behind.
    MissingDependencyError
        What talks to the GPU is not installed.
    ModelError
        TensorRT does not take the model, or the gate refused.
    UnwritableError
        The file cannot be written.
    UsageError
        The folder of photos holds none.
    """
    spec, key = request.spec, request.key
    pictures = parity_pictures(request.contract, spec.photos)
    model = request.model
    kept: tuple[str, ...] = ()
    nodes, rounded = 0, None
    if key.precision == "fp16":
        mixed = mixed_precision(
            model,
            pictures,
            spec.bounds,
            on_trial=lambda trials: on_progress(
                BuildStep(phase=f"Choosing FP16 layers, trial {trials}", share=0)
            ),
        )
        model, kept, nodes, rounded = mixed.model, mixed.kept, mixed.nodes, mixed.difference
        if not spec.beyond_bounds:
            _check(rounded, spec.bounds, "FP16")
    measured = b""
    if timing_cache_path is not None and timing_cache_path.is_file():
        measured = timing_cache_path.read_bytes()
    plan = plan_from_onnx(
        model.SerializeToString(),
        key,
        request.flavor,
        timing_cache=measured,
        on_step=on_progress,
        gpu=lambda: _current(spec.gpu),
    )
    if timing_cache_path is not None and plan.timing_cache not in (b"", measured):
        write_atomically(timing_cache_path, plan.timing_cache)
    file = EngineFile(
        key=key,
        contract=request.contract,
        plan=plan.plan,
        float32_layers=kept,
        parity="" if rounded is None else f"FP16 on the CPU: {rounded}",
    )
    on_gpu, layers_json = None, ""
    if spec.gpu is not None:
        on_gpu, layers_json = _on_gpu(request, file, pictures, spec.gpu)
        if not spec.beyond_bounds:
            _check(on_gpu, spec.bounds, "the engine")
        file = replace(file, parity=f"{file.parity}; on the GPU: {on_gpu}".removeprefix("; "))
    write_engine_file(engine_path, file)
    return EngineReport(
        key=key,
        nodes=nodes,
        kept=kept,
        rounded=rounded,
        on_gpu=on_gpu,
        plan_bytes=len(plan.plan),
        build_seconds=plan.build_seconds,
        network=plan.network,
        layers_json=layers_json,
    )


def ab_of_engine(
    engine_path: Path, l_batches: Sequence[NDArray[np.float32]], gpu: int
) -> list[NDArray[np.float32]]:
    """Run an engine.

    Parameters
    ----------
    engine_path
        An `.engine` file.
    l_batches
        (N, 1, H, W) CIELAB L* 0..100 each.
    gpu
        Its number.

    Returns
    -------
    list of NDArray
        (N, 2, h, w) CIELAB a*, b* each.

    Raises
    ------
    BackendError
        The GPU is not there, or failed.
    MissingDependencyError
        TensorRT, or what talks to the GPU, is not installed.
    ModelError
        The engine is damaged, or not for this GPU.
    """
    with closing(open_backend(engine_path, device=f"cuda:{gpu}")) as backend:
        return [backend.infer(l_batch) for l_batch in l_batches]


def _on_gpu(
    request: EngineRequest, file: EngineFile, pictures: Sequence[ParityPicture], gpu: int
) -> tuple[ColorDifference, str]:
    """Difference of the engine from float32, and the inspector's description of it."""
    l_batches = [picture.l_batch for picture in pictures]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "new.engine")
        write_engine_file(path, file)
        found = ab_of_engine(path, l_batches, gpu)
    expected = ab_on_cpu(request.model.SerializeToString(), l_batches)
    with _current(gpu):
        layers_json = request.flavor.layers_json(file.plan)
    return ColorDifference.of_pictures(pictures, expected, found), layers_json


@contextmanager
def _current(gpu: int | None) -> Iterator[None]:
    """Make a GPU current on this thread; None is no GPU."""
    if gpu is None:
        yield
        return
    with closing(open_device(gpu)) as device, device.current():
        yield


def _check(difference: ColorDifference, bounds: ParityBounds, what: str) -> None:
    if not bounds.allow(difference):
        raise ModelError(
            f"export: {what} differs from float32 by {difference}, expected at most {bounds}; "
            f"{HOW_TO_MEND}"
        )
