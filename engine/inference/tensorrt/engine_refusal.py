"""Reasons why TensorRT for RTX cannot load an engine on this machine, and what helps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .engine_file import HOW_TO_REBUILD

# Bits of `EngineInvalidityDiagnostics` of TensorRT for RTX -> reason and fix.
_REASONS: Final[Mapping[str, str]] = {
    "VERSION_MISMATCH": f"another version of TensorRT for RTX built it; {HOW_TO_REBUILD}",
    "UNSUPPORTED_CC": f"it was not built for this GPU's compute capability; {HOW_TO_REBUILD}",
    "OLD_CUDA_DRIVER": "the NVIDIA driver is too old; update it",
    "OLD_CUDA_RUNTIME": "the CUDA runtime is too old; update tensorrt-rtx-cu13-libs",
    "INSUFFICIENT_GPU_MEMORY": "the GPU has not memory enough; close what else runs on it",
    "MALFORMED_ENGINE": f"it is damaged; {HOW_TO_REBUILD}",
    "CUDA_ERROR": "CUDA failed; see that the driver works (nvidia-smi)",
}


def refusal(module: Any, runtime: Any, plan: bytes) -> str:
    """Ask TensorRT for RTX whether it can load an engine.

    Parameters
    ----------
    module
        The bindings of the flavour.
    runtime
        A `Runtime` of them.
    plan
        The serialized engine.

    Returns
    -------
    str
        All reasons against it with what to do; empty where there are none, or where the flavour
        cannot tell before loading (TensorRT proper).
    """
    if not hasattr(runtime, "get_engine_validity"):
        return ""
    validity, bits = runtime.get_engine_validity(plan)
    if validity != module.EngineValidity.INVALID:
        return ""
    known = module.EngineInvalidityDiagnostics.__members__
    reasons = [
        text for name, text in _REASONS.items() if name in known and int(known[name]) & int(bits)
    ]
    # Without a driver it answers INVALID and gives no reason.
    return "; ".join(reasons) or f"it gives no reason; update the driver, or {HOW_TO_REBUILD}"
