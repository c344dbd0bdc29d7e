"""Engines that were built on first use, kept for the next."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import platformdirs
from filelock import FileLock, Timeout

from ...engine.inference.gpu.open_device import open_device
from ...engine.inference.tensorrt.engine_file import (
    ENGINE_SUFFIX,
    EngineFile,
    EngineKey,
    read_engine_file,
)
from ...errors import BackendError, ModelError, UnwritableError, first_line
from .build_progress import BuildStep
from .engine_from_onnx import engine_from_onnx
from .engine_request import EngineRequest
from .engine_spec import EngineSpec
from .refused_engine import REFUSED_SUFFIX, check_not_refused, remember_refusal

FOLDER_VARIABLE: Final = "COLORIZE_CACHE_DIR"
_LOCK_SUFFIX: Final = ".lock"
# What the cache may hold; beside the engines, what back end and builder keep for them.
_OWN_SUFFIXES: Final = frozenset({ENGINE_SUFFIX, REFUSED_SUFFIX, ".kernels", ".timing"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedEngine:
    """An engine in the cache.

    Parameters
    ----------
    path
        Of its file.
    nbytes
        Of the file.
    engine
        Without its plan; None if the file is damaged or of another version, and will be rebuilt.
    """

    path: Path
    nbytes: int
    engine: EngineFile | None


def cached_engine(
    onnx_path: Path,
    spec: EngineSpec,
    *,
    on_progress: Callable[[BuildStep], None] = lambda _: None,
) -> Path:
    """Find the engine of a model, or build it; of several processes one builds, the others wait.

    An engine of another model, TensorRT or GPU has another name. One that is damaged, cut short, or
    not what its name says is built again, in its place. One that could not be built is not tried again
    until the driver changes or the cache is cleared.

    Parameters
    ----------
    onnx_path
        Under the contract.
    spec
        How it is built if it is not there.
    on_progress
        Called with the progress; not called where there is none.

    Returns
    -------
    Path
        Of a whole engine file.

    Raises
    ------
    ColorizeError
        As `EngineRequest.of` and `engine_from_onnx`; UnwritableError if the cache cannot be written.
    KeyboardInterrupt
        Ctrl-C.
    """
    request = EngineRequest.of(onnx_path, spec)
    path = cache_folder() / _file_name(onnx_path.stem, request)
    if request.driver_version is not None:
        check_not_refused(path, request.driver_version)
    if _holds(path, request.key):
        return path
    with _locked(path, on_progress):
        if not _holds(path, request.key):
            flavor = request.key.flavor, request.key.flavor_version, request.key.device_name
            timing = hashlib.sha256(repr(flavor).encode()).hexdigest()[:16]
            try:
                engine_from_onnx(
                    request,
                    path,
                    on_progress=on_progress,
                    timing_cache_path=path.with_name(f"{timing}.timing"),
                )
            except (BackendError, ModelError) as error:
                if request.driver_version is not None:
                    remember_refusal(path, request.driver_version, error)
                raise
    return path


def refuse_engine(engine_path: Path, gpu: int, error: Exception) -> None:
    """Remember that an engine of the cache cannot be loaded on a GPU, as `cached_engine` does of builds."""
    with closing(open_device(gpu)) as device:
        remember_refusal(engine_path, device.driver_version, error)


def cache_folder() -> Path:
    """Folder of engines: $COLORIZE_CACHE_DIR, or the user's cache."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    folder = Path(chosen) if chosen else platformdirs.user_cache_path("colorize-batch")
    return folder / "engines"


def list_engines() -> list[CachedEngine]:
    """All engines in the cache, by name."""
    found = []
    for path in sorted(cache_folder().glob(f"*{ENGINE_SUFFIX}")):
        with suppress(FileNotFoundError):  # cleared by another process
            nbytes = path.stat().st_size
            try:
                engine = read_engine_file(path, with_plan=False)
            except ModelError:
                engine = None
            found.append(CachedEngine(path=path, nbytes=nbytes, engine=engine))
    return found


def clear_engines() -> tuple[int, int]:
    """Remove all engines and what was kept for them, but those that are just being built.

    Returns
    -------
    tuple of int
        The number of engines removed, and of bytes freed.

    Raises
    ------
    UnwritableError
        A file cannot be removed.
    """
    engines = freed = 0
    try:
        for path in sorted(cache_folder().glob("*")):
            if path.suffix not in _OWN_SUFFIXES:
                continue
            with suppress(Timeout), FileLock(path.with_suffix(_LOCK_SUFFIX), timeout=0):
                freed += path.stat().st_size
                engines += path.suffix == ENGINE_SUFFIX
                path.unlink()
    except OSError as error:
        raise _unwritable(error) from error
    return engines, freed


def _file_name(stem: str, request: EngineRequest) -> str:
    """Name made of the key and of the bounds of the gate."""
    gate = replace(request.spec, precision="fp16", batch_max=1, flavor="auto", gpu=None, targets=())
    digest = hashlib.sha256(f"{request.key.digest()} {gate}".encode()).hexdigest()
    return f"{stem}-{digest[:20]}{ENGINE_SUFFIX}"


def _holds(path: Path, key: EngineKey) -> bool:
    """Whether the file is there, whole, and the engine that is wanted."""
    if not path.is_file():
        return False
    try:
        return read_engine_file(path).key == key
    except ModelError:
        return False


@contextmanager
def _locked(path: Path, on_progress: Callable[[BuildStep], None]) -> Iterator[None]:
    """Hold the lock of an engine, which the system frees if its process dies."""
    lock = FileLock(path.with_suffix(_LOCK_SUFFIX))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            on_progress(BuildStep(phase="Another process is building this engine", share=0))
            lock.acquire()
    except OSError as error:
        raise _unwritable(error) from error
    try:
        yield
    finally:
        lock.release()


def _unwritable(error: OSError) -> UnwritableError:
    return UnwritableError(
        f"{cache_folder()}: cannot write the cache of engines: {first_line(error)}; "
        f"set {FOLDER_VARIABLE} to a folder that can be written to"
    )
