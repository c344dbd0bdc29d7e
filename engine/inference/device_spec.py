"""Where a model is to run, as people write it: `auto`, `cpu`, `cuda`, `cuda:1`, `cuda:0,1`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, cast

from ...errors import UsageError

EXPECTED: Final = "expected one of auto, cpu, cuda, cuda:N or cuda:N,M"

Kind = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """One device.

    Parameters
    ----------
    kind
        "auto" is a GPU where that is possible, else the CPU.
    ordinal
        Which GPU, as the driver counts; 0 for the CPU.
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
    if device in ("auto", "cpu", "cuda"):
        return (DeviceSpec(kind=cast(Kind, device)),)
    listed = re.fullmatch(r"cuda:(\d{1,3}(?:,\d{1,3})*)", device, re.ASCII)
    if listed is None:
        raise UsageError(f"device {device!r}: {EXPECTED}")
    ordinals = [int(number) for number in listed[1].split(",")]
    if len(set(ordinals)) < len(ordinals):
        raise UsageError(f"device {device!r}: names a GPU twice")
    return tuple(DeviceSpec(kind="cuda", ordinal=ordinal) for ordinal in ordinals)
