"""From a model to the engine that TensorRT runs, where there is a GPU and a TensorRT for it."""

from __future__ import annotations

from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..engine.inference.device_spec import targets_of
from ..engine.inference.onnx_runtime import serves_gpus
from ..engine.inference.tensorrt.tensorrt_library import MODULES, installed_flavors
from ..errors import ColorizeError
from .engine_building import engine_for
from .extras import EXTRAS
from .options import AUTO
from .reporting import console

if TYPE_CHECKING:
    from ..export.tensorrt.engine_spec import EngineSpec

# What building and running takes, TensorRT itself apart.
NEEDED: Final = tuple(sorted(EXTRAS["tensorrt"] - set(MODULES.values())))


def engine_on_first_use(model: Path, device: str, *, quiet: bool = False) -> tuple[Path, str]:
    """Find the engine of a model in the cache, or build it with a bar of its own.

    Parameters
    ----------
    model
        An ONNX file under the contract; any other is left as it is.
    device
        As `open_backend` takes it. Of several GPUs, which have to be alike, the first one counts.
    quiet
        Neither draw nor say anything.

    Returns
    -------
    tuple of (Path, str)
        What `open_backend` is to load, and where: the engine; or the model, on a CPU, where
        TensorRT is not installed, and where it fails but something else can run the model.

    Raises
    ------
    ColorizeError
        A GPU was named, TensorRT fails there, and nothing else can run on it.
    """
    device_chosen = device_for(device)
    target = targets_of(device_chosen)[0]
    if target.kind != "cuda" or model.suffix.lower() != ".onnx" or not has_tensorrt():
        return model, device
    try:
        return engine_for(model, _spec(target.ordinal), quiet=quiet), device_chosen
    except ColorizeError as error:
        if device != AUTO and not serves_gpus():
            raise
        if not quiet:
            console.print(f"note: going on without TensorRT: {error}", markup=False)
    return model, device


def device_for(device: str) -> str:
    """Say which device "auto" is: the first GPU if TensorRT can use it, else still "auto"."""
    return "cuda" if device == AUTO and has_tensorrt() and _has_gpu() else device


def has_tensorrt() -> bool:
    """Whether all is installed that builds and runs engines; imports nothing."""
    return bool(installed_flavors()) and all(map(find_spec, NEEDED))


@cache
def _has_gpu() -> bool:
    from ..engine.inference.gpu.pycuda_device import PyCudaDevice

    try:
        with closing(PyCudaDevice()):
            return True
    except ColorizeError:
        return False


def _spec(gpu: int) -> EngineSpec:
    from ..export.tensorrt.engine_spec import EngineSpec

    return EngineSpec(gpu=gpu)
