"""A typed ONNX graph -> TensorRT's serialized engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from ...engine.inference.contract import INPUT_NAME
from ...engine.inference.tensorrt.engine_file import EngineKey
from ...errors import BackendError, ModelError
from .build_progress import BuildProgress, BuildStep
from .tensorrt_flavor import TensorRtFlavor


@dataclass(frozen=True, slots=True, kw_only=True)
class SerializedEngine:
    """A serialized engine and what its build left.

    Parameters
    ----------
    plan
        For an `EngineFile`.
    timing_cache
        For the next build; empty where the flavour has none.
    network
        A line for each layer before TensorRT fused them: name, kind, types of its outputs.
    build_seconds
        That the build took.
    """

    plan: bytes
    timing_cache: bytes
    network: tuple[str, ...]
    build_seconds: float


def plan_from_onnx(
    onnx_bytes: bytes,
    key: EngineKey,
    flavor: TensorRtFlavor,
    *,
    timing_cache: bytes = b"",
    on_step: Callable[[BuildStep], None] = lambda _: None,
    gpu: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> SerializedEngine:
    """Build; Ctrl-C stops at TensorRT's next step and leaves nothing behind.

    Parameters
    ----------
    onnx_bytes
        Typed as it shall run, with float32 input and output.
    key
        Says batch, working shapes and targets.
    flavor
        That of the key.
    timing_cache
        Of an earlier build.
    on_step
        Called with the progress.
    gpu
        Makes the GPU current on the thread that builds; where there is none, nothing.

    Returns
    -------
    SerializedEngine
        Tuned for the largest batch at `working_opt`.

    Raises
    ------
    BackendError
        TensorRT failed.
    ModelError
        TensorRT cannot take the graph, or not in these shapes.
    KeyboardInterrupt
        Ctrl-C.
    """
    progress = BuildProgress(on_step)
    builder = flavor.builder()
    network = flavor.network(builder)
    _parse(onnx_bytes, flavor, network)
    config = flavor.config(builder, key.targets, progress)
    flavor.use_timing_cache(config, timing_cache)
    config.add_optimization_profile(_profile(builder, key))
    started = time.perf_counter()

    def build() -> Any:
        with gpu():
            return flavor.serialized_network(builder, network, config)

    plan = _interruptible(build, progress)
    progress.check()
    if plan is None:
        raise BackendError(f"{key.flavor}: the build failed: {flavor.last_error()}")
    return SerializedEngine(
        plan=bytes(plan),
        timing_cache=flavor.timing_cache(config),
        network=tuple(_layers(network)),
        build_seconds=time.perf_counter() - started,
    )


def _parse(onnx_bytes: bytes, flavor: TensorRtFlavor, network: Any) -> None:
    parser = flavor.parser(network)
    if parser.parse(onnx_bytes):
        return
    reason = "it gave no reason"
    if parser.num_errors:
        first = parser.get_error(0)
        reason = f"{first.node_operator()} {first.node_name()}: {first.desc()}"
    raise ModelError(
        f"export: {flavor.name} does not take the graph: {reason}; "
        "run the .onnx model with ONNX Runtime"
    )


def _profile(builder: Any, key: EngineKey) -> Any:
    """Profile from one picture of the smallest shape to a full batch of the largest."""
    profile = builder.create_optimization_profile()
    try:
        profile.set_shape(
            INPUT_NAME,
            (1, 1, *key.working_min),
            (key.batch_max, 1, *key.working_opt),
            (key.batch_max, 1, *key.working_max),
        )
    except ValueError as error:
        raise ModelError(f"export: TensorRT does not take the shapes of {key}: {error}") from error
    return profile


def _interruptible(build: Callable[[], Any], progress: BuildProgress) -> Any:
    """Build on another thread: this one must stay free to receive Ctrl-C."""
    plans: list[Any] = []
    errors: list[BaseException] = []
    # Not by Thread.join: interrupted, Python 3.11 takes the thread for ended (bpo-45274).
    ended = Event()

    def run() -> None:
        try:
            plans.append(build())
        except BaseException as error:  # raised again below, by who waits
            errors.append(error)
        finally:
            ended.set()

    try:
        Thread(target=run, name="engine build", daemon=True).start()
        while not ended.wait(0.1):
            pass
    except BaseException:
        progress.cancel()
        ended.wait()
        raise
    if errors:
        raise errors[0]
    return plans[0]


def _layers(network: Any) -> list[str]:
    lines = []
    for index in range(network.num_layers):
        layer = network.get_layer(index)
        types = (str(layer.get_output(i).dtype) for i in range(layer.num_outputs))
        lines.append(f"{layer.name}: {layer.type} -> {', '.join(types)}")
    return lines
