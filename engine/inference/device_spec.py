"""Where a model is to run, as people write it: `auto`, `cpu`, `cuda`, `cuda:1`, `cuda:0,1`, `webgpu`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from ...errors import UsageError

Kind = Literal["auto", "cpu", "cuda", "rtx", "openvino", "directml", "coreml", "webgpu"]
KINDS: Final = get_args(Kind)
EXPECTED: Final = f"expected one of {', '.join(KINDS)}, cuda:N or cuda:N,M"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """One device.

    Parameters
    ----------
    kind
        "auto" is an NVIDIA GPU where that is possible, else the CPU. All but "auto", "cpu" and "cuda" are
        execution providers of ONNX Runtime.
    ordinal
        Which GPU of CUDA, as the driver counts; else 0.
    """

    kind: Kind
    ordinal: int = 0


def device_specs(device: str) -> tuple[DeviceSpec, ...]:
    """Read what `--device` was given.

    Returns
    -------
    tuple of DeviceSpec
        At least one; several only of GPUs, all different.

    Raises
    ------
    UsageError
        It is none of the forms above.
    """
    if device in KINDS:
        return (DeviceSpec(kind=cast(Kind, device)),)
    listed = re.fullmatch(r"cuda:(\d{1,3}(?:,\d{1,3})*)", device, re.ASCII)
    if listed is None:
        raise UsageError(f"device {device!r}: {EXPECTED}")
    ordinals = [int(number) for number in listed[1].split(",")]
    if len(set(ordinals)) < len(ordinals):
        raise UsageError(f"device {device!r}: names a GPU twice")
    return tuple(DeviceSpec(kind="cuda", ordinal=ordinal) for ordinal in ordinals)
