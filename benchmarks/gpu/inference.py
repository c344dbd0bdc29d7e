"""Pictures a second of the network alone on a GPU, by every runtime that serves it.

    python benchmarks/gpu/inference.py tensorrt --json inference.json

A runtime is fed as the engine feeds it: by as many threads as it takes, in batches of one working
shape; copies up and down are part of it. Every round is a second or more after one that warms up;
the median and the range of the rounds are printed. Results are held against ONNX Runtime on the CPU in
float32, on the same input. `torch` runs the network of the shipped model with weights of its own,
in FP16, channels last, as a CUDA graph: its speed counts, its colours do not.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from colorize_batch.chosen_model import NEEDED, choose_model
from colorize_batch.engine.inference.backend import Backend
from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.engine.inference.working_shape import working_shape
from colorize_batch.errors import BackendError, ColorizeError, MissingDependencyError

RUNTIMES: Final = ("tensorrt", "onnxruntime", "torch")
NOT_THERE: Final = 3  # exit code: the runtime is not installed
LEAST_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Throughput of one runtime.

    Parameters
    ----------
    runtime, device
        Which, and where.
    batch, height, width
        Of the input.
    images_per_second
        Median of the rounds.
    slowest, fastest
        Of the rounds, images a second.
    gpu_busy
        Share of the time that the GPU computed, where the runtime tells.
    max_ab_error, mean_ab_error
        Against float32 on the CPU; None where the weights are others.
    """

    runtime: str
    device: str
    batch: int
    height: int
    width: int
    images_per_second: float
    slowest: float
    fastest: float
    gpu_busy: float | None
    max_ab_error: float | None
    mean_ab_error: float | None


def main() -> None:
    """Measure one runtime, print a line and write JSON when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("runtime", choices=RUNTIMES)
    parser.add_argument("--batch", type=int, default=32, help="pictures at a time")
    parser.add_argument("--device", default="cuda", help="cuda or cuda:N; cpu to try this out")
    parser.add_argument("--json", type=Path, help="a file for the result")
    parser.add_argument("--model", default="lite", help="a shipped model, .onnx or .engine")
    parser.add_argument("--rounds", type=int, default=5, help="measurements")
    options = parser.parse_args()
    try:
        rate = measured(options)
    except MissingDependencyError as error:
        print(f"not there: {error}", file=sys.stderr)
        sys.exit(NOT_THERE)
    except ColorizeError as error:
        sys.exit(f"failed: {error}")
    print(
        f"{rate.runtime} on {rate.device}, batches of {rate.batch} x {rate.height} x {rate.width}: "
        f"{rate.images_per_second:.0f} images/s ({rate.slowest:.0f} to {rate.fastest:.0f})"
    )
    if options.json:
        options.json.write_text(json.dumps(asdict(rate), indent=2) + "\n")


def measured(options: argparse.Namespace) -> Rate:
    """Open the runtime, warm it up and take the time."""
    path = choose_model(options.model, options.device).path
    with closing(opened(options.runtime, path, options.device)) as backend:
        height, width = working_shape(3000, 4000, backend.contract)
        random = np.random.default_rng(0)
        l_batch = random.uniform(0, 100, (options.batch, 1, height, width)).astype(np.float32)
        with ThreadPoolExecutor(backend.callers) as pool:
            feed(backend, l_batch, pool)
            runs = [feed(backend, l_batch, pool) for _ in range(options.rounds)]
        known = options.runtime != "torch" and path.suffix == ".onnx"
        errors = ab_errors(backend, path, l_batch) if known else (None, None)
        rates = [rate for rate, _ in runs]
        return Rate(
            runtime=options.runtime,
            device=backend.device,
            batch=options.batch,
            height=height,
            width=width,
            images_per_second=float(np.median(rates)),
            slowest=min(rates),
            fastest=max(rates),
            gpu_busy=median_or_none([busy for _, busy in runs]),
            max_ab_error=errors[0],
            mean_ab_error=errors[1],
        )


def opened(runtime: str, path: Path, device: str) -> Backend:
    """The runtime's back end; an engine is built, or found in the cache of engines."""
    if runtime == "torch":
        from torch_inference import TorchRuntime  # noqa: PLC0415  # torch, for that runtime alone

        return TorchRuntime(path, device)
    chosen = choose_model(path, device, engines=runtime == "tensorrt")
    if runtime == "tensorrt" and path.suffix == ".onnx" and not chosen.by_tensorrt:
        raise MissingDependencyError(f"needs a GPU, TensorRT and {', '.join(NEEDED)}")
    opened = chosen.open()
    if opened.model != chosen:
        opened.close()
        raise BackendError(f"{chosen.device} did not run it; see the note above")
    return opened.backend


def feed(
    backend: Backend, l_batch: NDArray[np.float32], pool: ThreadPoolExecutor
) -> tuple[float, float | None]:
    """Images a second over at least a second, and how busy the GPU was."""
    start, busy_before = time.perf_counter(), sum(backend.busy_seconds)

    def keep_feeding(_: int) -> int:
        count = 0
        while count == 0 or time.perf_counter() - start < LEAST_SECONDS:
            backend.infer(l_batch)
            count += len(l_batch)
        return count

    count = sum(pool.map(keep_feeding, range(backend.callers)))
    seconds = time.perf_counter() - start
    counted = len(backend.busy_seconds)
    busy = (sum(backend.busy_seconds) - busy_before) / seconds / counted if counted else None
    return count / seconds, busy


def ab_errors(
    backend: Backend, onnx_file: Path, l_batch: NDArray[np.float32]
) -> tuple[float, float]:
    """Largest and mean distance of a* and b* from float32 on the CPU."""
    few = l_batch[:2]
    with closing(open_backend(onnx_file, device="cpu", threads=0)) as exact:
        errors = np.abs(backend.infer(few) - exact.infer(few))
    return float(errors.max()), float(errors.mean())


def median_or_none(values: list[float | None]) -> float | None:
    """Median of numbers; None if there are none."""
    numbers = [value for value in values if value is not None]
    return float(np.median(numbers)) if numbers else None


if __name__ == "__main__":
    main()
