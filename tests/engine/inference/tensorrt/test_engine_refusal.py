"""The words for what TensorRT for RTX has against an engine."""

from __future__ import annotations

import enum
from types import SimpleNamespace

import pytest

from colorize_batch.engine.inference.tensorrt.engine_refusal import refusal


class EngineValidity(enum.Enum):
    VALID = 0
    SUBOPTIMAL = 1
    INVALID = 2


# As TensorRT for RTX 1.7 counts them.
EngineInvalidityDiagnostics = enum.IntEnum(
    "EngineInvalidityDiagnostics",
    {
        "VERSION_MISMATCH": 1,
        "UNSUPPORTED_CC": 2,
        "OLD_CUDA_DRIVER": 4,
        "OLD_CUDA_RUNTIME": 8,
        "INSUFFICIENT_GPU_MEMORY": 16,
        "MALFORMED_ENGINE": 32,
        "CUDA_ERROR": 64,
    },
)
MODULE = SimpleNamespace(
    EngineValidity=EngineValidity, EngineInvalidityDiagnostics=EngineInvalidityDiagnostics
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((EngineValidity.VALID, 0), ""),
        ((EngineValidity.SUBOPTIMAL, 0), ""),
        ((EngineValidity.INVALID, 4), "the NVIDIA driver is too old; update it"),
        (
            (EngineValidity.INVALID, 2),
            (
                "it was not built for this GPU's compute capability; build it again with: "
                "colorize-export engine MODEL --output DIR"
            ),
        ),
        (
            (EngineValidity.INVALID, 64 | 4),
            (
                "the NVIDIA driver is too old; update it; "
                "CUDA failed; see that the driver works (nvidia-smi)"
            ),
        ),
        (
            (EngineValidity.INVALID, 0),
            (
                "it gives no reason; update the driver, or build it again with: "
                "colorize-export engine MODEL --output DIR"
            ),
        ),
    ],
)
def test_reasons(answer, expected):
    runtime = SimpleNamespace(get_engine_validity=lambda plan: answer)
    assert refusal(MODULE, runtime, b"a plan") == expected


def test_tensorrt_proper_cannot_tell_before_loading():
    assert refusal(MODULE, SimpleNamespace(), b"a plan") == ""
