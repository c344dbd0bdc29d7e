"""What was measured on."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from ...engine.pictures.vips import pyvips
from ...engine.threads.cores import available_cores
from ...kernels import cpu, jpeg

_CPU_INFO: Final = Path("/proc/cpuinfo")
_PACKAGES: Final = ("colorize-batch", "numpy", "onnxruntime", "pyvips")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine and the software; numbers of two reports compare only where these agree.

    Parameters
    ----------
    cpu
        Its model's name.
    cores
        That the process may run on.
    system
        Kernel and architecture.
    instruction_set
        That the native kernels chose.
    jpeg_coefficients
        Whether JPEG keeps its luma coefficients, or takes the way of pixels.
    load
        Processes that wanted a core over the minute before; above 0 the machine was shared.
    versions
        Package -> version.
    """

    cpu: str
    cores: int
    system: str
    instruction_set: str
    jpeg_coefficients: bool
    load: float
    versions: Mapping[str, str]

    @classmethod
    def here(cls) -> Machine:
        """Look at the one that this runs on, now."""
        versions = {package: version(package) for package in _PACKAGES}
        libvips = ".".join(str(pyvips.version(part)) for part in range(3))
        return cls(
            cpu=_cpu_name(),
            cores=available_cores(),
            system=f"{platform.system()} {platform.release()} {platform.machine()}",
            instruction_set=cpu.INSTRUCTION_SET,
            jpeg_coefficients=jpeg.AVAILABLE,
            load=round(os.getloadavg()[0], 2),
            versions={"python": platform.python_version(), **versions, "libvips": libvips},
        )


def _cpu_name() -> str:
    if _CPU_INFO.exists():
        name = re.search(r"model name\s*:\s*(.+)", _CPU_INFO.read_text())
        if name is not None:
            return name[1].strip()
    return platform.processor() or platform.machine()
