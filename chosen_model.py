"""From a model's name and a device to a back end: the one place that puts them together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from .engine.inference.backend import Backend
from .engine.inference.device_spec import DeviceSpec, device_specs
from .engine.inference.execution_providers import serves_gpus
from .engine.inference.model_files import DEFAULT_MODEL, check_as_shipped, model_file
from .engine.inference.model_policy import check_model_file
from .engine.inference.open_backend import log_note, open_backend
from .engine.inference.tensorrt.tensorrt_library import MODULES, installed_flavors
from .errors import ColorizeError, ModelError, first_line
from .extras import EXTRAS

if TYPE_CHECKING:
    from .export.tensorrt.build_progress import BuildStep

AUTO: Final = "auto"
# What building and running engines takes, TensorRT itself apart.
NEEDED: Final = tuple(sorted(EXTRAS["tensorrt"] - set(MODULES.values())))

OnNote = Callable[[str], None]
OnProgress = Callable[["BuildStep"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenModel:
    """A model file, and the device that it will run on; made by `choose_model`.

    Parameters
    ----------
    path
        The model's file, which results are attributed to: an ONNX file, or an engine that was
        named.
    name
        Of the file, without its ending.
    sha256
        Hex digest of the file.
    device
        As of `open_backend`; "auto" was resolved.
    by_tensorrt
        Whether TensorRT runs it, as an engine that is built on first use.
    requested_name, requested_device
        As `choose_model` was called, for another choice if this one fails.
    """

    path: Path
    name: str
    sha256: str
    device: str
    by_tensorrt: bool
    requested_name: str
    requested_device: str

    def open(
        self,
        *,
        threads: int = 1,
        on_note: OnNote = log_note,
        on_progress: OnProgress | None = None,
    ) -> OpenModel:
        """Load the model; the engine that TensorRT needs is taken from the cache, or built.

        Where a GPU was not named and fails, the model is chosen again for what is left: a shipped
        model that is "auto" may then be another file. Where TensorRT fails, ONNX Runtime takes the
        GPU if it can.

        Parameters
        ----------
        threads
            As of `open_backend`.
        on_note
            Called with a line for each thing that goes on otherwise than was requested, now and
            while the model runs. May be called from any thread.
        on_progress
            Called with how far the build of an engine is, from any thread; not called where none
            is built. Without it, `on_note` says once that an engine is being built.

        Returns
        -------
        OpenModel
            To be closed; its `model` is the one that was opened in the end.

        Raises
        ------
        ColorizeError
            The model cannot be used, or the device that was named cannot run it.
        """
        path = self.path
        try:
            if self.by_tensorrt:
                path = self._engine(on_progress or _say_once(self.name, on_note))
            backend = open_backend(path, device=self.device, threads=threads, on_note=on_note)
        except ColorizeError as error:
            if path is not self.path and isinstance(error, ModelError):
                self._refuse(path, error)
            other = self._other_choice(error)
            if other is None:
                raise
            without = "TensorRT" if self.by_tensorrt else "a GPU"
            on_note(f"going on without {without}, with {other.name} on {other.device}: {error}")
            return other.open(threads=threads, on_note=on_note, on_progress=on_progress)
        return OpenModel(self, backend)

    def _engine(self, on_progress: OnProgress) -> Path:
        from .export.tensorrt.engine_cache import cached_engine  # noqa: PLC0415  # needs onnx
        from .export.tensorrt.engine_spec import EngineSpec  # noqa: PLC0415

        check_model_file(self.path)
        # Of several GPUs, which have to be alike, the first one counts.
        gpu = device_specs(self.device)[0].ordinal
        return cached_engine(self.path, EngineSpec(gpu=gpu), on_progress=on_progress)

    def _refuse(self, engine: Path, error: ModelError) -> None:
        from .export.tensorrt.engine_cache import refuse_engine  # noqa: PLC0415

        with suppress(ColorizeError):
            refuse_engine(engine, device_specs(self.device)[0].ordinal, error)

    def _other_choice(self, error: ColorizeError) -> ChosenModel | None:
        is_engine_file = self.path.suffix.lower() != ".onnx"
        if self.device == "cpu" or is_engine_file:
            return None
        if self.by_tensorrt and serves_gpus():
            return replace(self, by_tensorrt=False)
        # A file that is no model is none on a CPU either.
        is_of_the_file = isinstance(error, ModelError) and not self.by_tensorrt
        if self.requested_device != AUTO or is_of_the_file:
            return None
        return choose_model(self.requested_name, "cpu")


class OpenModel:
    """A loaded model; use it in a `with` block, or `close()` it.

    Attributes
    ----------
    model
        What was opened: another choice than the one it was opened from if that one failed.
    backend
        Runs it.
    """

    def __init__(self, model: ChosenModel, backend: Backend) -> None:
        self.model = model
        self.backend = backend

    def close(self) -> None:
        """Free the model; idempotent."""
        self.backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


def choose_model(
    name_or_path: str | Path = DEFAULT_MODEL, device: str = AUTO, *, engines: bool = True
) -> ChosenModel:
    """Choose the model file and the device that fit each other on this machine.

    Parameters
    ----------
    name_or_path
        A shipped model's name, "auto" for the shipped model that suits the device, or the path of
        an .onnx or .engine file.
    device
        "auto", "cpu", "cuda", "cuda:0"; "cuda:0,1" for several GPUs. "auto" is the first GPU if
        TensorRT or this ONNX Runtime can use it, else the CPU.
    engines
        Whether TensorRT may run an ONNX file, which builds an engine of it on first use.

    Raises
    ------
    UsageError
        An unknown model or device, or no such file.
    ModelError
        The file cannot be read, or is a shipped model whose bytes were changed.
    """
    spec = device_specs(device)[0]
    on_tensorrt = engines and has_tensorrt() and _may_be_gpu(spec)
    resolved = device
    if spec.kind == AUTO:
        resolved = "cuda" if on_tensorrt or serves_gpus() else "cpu"
    path = model_file(name_or_path, for_cpu=resolved == "cpu")
    is_onnx = path.suffix.lower() == ".onnx"
    sha256 = _sha256(path)
    check_as_shipped(path, sha256)
    if spec.kind == AUTO and not is_onnx:
        resolved = "cuda"
    return ChosenModel(
        path=path,
        name=path.stem,
        sha256=sha256,
        device=resolved,
        by_tensorrt=on_tensorrt and is_onnx,
        requested_name=str(name_or_path),
        requested_device=device,
    )


def has_tensorrt() -> bool:
    """Whether all is installed that builds and runs engines; imports nothing."""
    return bool(installed_flavors()) and all(map(find_spec, NEEDED))


def _may_be_gpu(spec: DeviceSpec) -> bool:
    return spec.kind == "cuda" or (spec.kind == AUTO and _has_gpu())


@cache
def _has_gpu() -> bool:
    from .engine.inference.gpu.open_device import open_device  # noqa: PLC0415

    try:
        with closing(open_device()):
            return True
    except ColorizeError:
        return False


def _say_once(name: str, on_note: OnNote) -> OnProgress:
    said = False

    def show(step: BuildStep) -> None:
        nonlocal said
        del step
        if not said:
            said = True
            on_note(f"building an engine of {name} for this GPU, once; it is kept for next time")

    return show


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: cannot read it: {first_line(error)}") from error
