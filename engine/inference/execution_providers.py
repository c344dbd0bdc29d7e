"""ONNX Runtime's execution providers behind the names of `--device`, and whether they are there."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import onnxruntime

from ...errors import BackendError, MissingDependencyError

CPU: Final = "CPUExecutionProvider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accelerator:
    """An execution provider that one kind of device is served by.

    Parameters
    ----------
    provider
        ONNX Runtime's name of it.
    install
        What brings it, for the message where it is missing.
    plugin
        Module of a provider that is a library of its own; "" where it is built into ONNX Runtime.
    options
        Of the provider.
    batch
        Pictures that it takes at a time.
    """

    provider: str
    install: str
    plugin: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    batch: int = 32


ACCELERATORS: Final[Mapping[str, Accelerator]] = {
    "cuda": Accelerator(
        provider="CUDAExecutionProvider",
        install="'onnxruntime-gpu[cuda,cudnn]' in place of onnxruntime",
        # The default measures every convolution anew for every shape.
        options={"cudnn_conv_algo_search": "HEURISTIC"},
    ),
    "rtx": Accelerator(
        provider="NvTensorRTRTXExecutionProvider",
        install="onnxruntime-ep-nv-tensorrt-rtx",
        plugin="onnxruntime_ep_nv_tensorrt_rtx",
    ),
    "openvino": Accelerator(
        provider="OpenVINOExecutionProvider",
        install="onnxruntime-openvino in place of onnxruntime",
        options={"device_type": "AUTO"},
        batch=1,
    ),
    "directml": Accelerator(
        provider="DmlExecutionProvider", install="onnxruntime-directml in place of onnxruntime"
    ),
    "coreml": Accelerator(
        provider="CoreMLExecutionProvider", install="onnxruntime on macOS", batch=1
    ),
    "webgpu": Accelerator(
        provider="WebGpuExecutionProvider",
        install="onnxruntime-ep-webgpu",
        plugin="onnxruntime_ep_webgpu",
    ),
}


def add_provider(session_options: Any, kind: str, ordinal: int) -> list[Any]:
    """Prepare a session for a kind of device.

    Parameters
    ----------
    session_options
        Of the session; a plugin's devices are added to them.
    kind
        A key of `ACCELERATORS`, or "cpu".
    ordinal
        Which GPU, for "cuda".

    Returns
    -------
    list
        `providers` of the session; empty where the options name them.

    Raises
    ------
    MissingDependencyError
        This ONNX Runtime has no such provider.
    BackendError
        The provider finds no device on this machine.
    """
    if kind == "cpu":
        return [CPU]
    accelerator = ACCELERATORS[kind]
    if accelerator.plugin:
        session_options.add_provider_for_devices(
            _plugin_devices(kind, accelerator), dict(accelerator.options)
        )
        return []
    if accelerator.provider not in onnxruntime.get_available_providers():
        raise _missing(kind, accelerator)
    options = dict(accelerator.options)
    if kind == "cuda":
        _preload_cuda()
        options["device_id"] = str(ordinal)
    if kind == "directml":  # its documentation asks for both
        session_options.enable_mem_pattern = False
        session_options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    return [(accelerator.provider, options)]


def serves_gpus() -> bool:
    """Whether this ONNX Runtime was built for NVIDIA GPUs, and there is one."""
    built_for = ACCELERATORS["cuda"].provider in onnxruntime.get_available_providers()
    return built_for and gpu_count() > 0


@cache
def gpu_count() -> int:
    """Number of NVIDIA GPUs that the driver offers; 0 without a driver. Needs no package."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
        return 0
    return count.value


def _plugin_devices(kind: str, accelerator: Accelerator) -> list[Any]:
    if find_spec(accelerator.plugin) is None:
        raise _missing(kind, accelerator)
    plugin = import_module(accelerator.plugin)
    _register(plugin.get_ep_name(), plugin.get_library_path())
    name = plugin.get_ep_name()
    devices = [device for device in onnxruntime.get_ep_devices() if device.ep_name == name]
    if not devices:
        raise BackendError(
            f"--device {kind}: {name} finds no device that it serves on this machine; "
            "use another --device, or --device cpu"
        )
    return devices


@cache
def _register(name: str, library: str) -> None:
    """Load a plugin, once a process."""
    onnxruntime.register_execution_provider_library(name, library)


@cache
def _preload_cuda() -> None:
    """Load CUDA and cuDNN from pip's packages, where the linker does not look."""
    if hasattr(onnxruntime, "preload_dlls"):
        onnxruntime.preload_dlls(cuda=True, cudnn=True)


def _missing(kind: str, accelerator: Accelerator) -> MissingDependencyError:
    return MissingDependencyError(
        f"--device {kind}: this ONNX Runtime has no {accelerator.provider}; "
        f"pip install {accelerator.install}, or use --device cpu"
    )
