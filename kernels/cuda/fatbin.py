"""Compile the kernels ahead of time: one file with the code of every GPU served.

    python -m colorize_batch.kernels.cuda.fatbin OUTPUT

The build runs this where Numba-CUDA and the CUDA compiler are installed; no GPU is needed. Code
that spills registers, uses local memory or float64, or takes so many registers that less than half
of a multiprocessor's threads find room, is refused.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ...errors import BackendError, MissingDependencyError
from .ptx import OLDEST_GPU, ptx_from_kernels

# Code for these runs on all newer ones of the same generation; any other takes the PTX.
GPUS: Final = (75, 80, 86, 89, 90, 100, 120)
MOST_REGISTERS: Final = 64
GATES: Final = (
    "--warning-as-error",
    "--warn-on-spills",
    "--warn-on-local-memory-usage",
    "--warn-on-double-precision-use",
    f"--maxrregcount={MOST_REGISTERS}",
)
SMALL: Final = ("--compress-all", "--compress-mode=size")


def fatbin_from_ptx(ptx: str) -> bytes:
    """Assemble a module for all of `GPUS` and add the PTX itself, for those to come.

    Raises
    ------
    BackendError
        The module is not sound, or does not pass the gates.
    MissingDependencyError
        The CUDA compiler is not installed.
    """
    with TemporaryDirectory() as folder:
        module, fatbin = Path(folder, "kernels.ptx"), Path(folder, "kernels.fatbin")
        module.write_text(ptx, encoding="ascii")
        images = [f"--image3=kind=ptx,sm={''.join(map(str, OLDEST_GPU))},file={module}"]
        for gpu in GPUS:
            cubin = module.with_name(f"sm_{gpu}.cubin")
            _run("ptxas", "-O3", f"--gpu-name=sm_{gpu}", *GATES, f"--output-file={cubin}", module)
            images.append(f"--image3=kind=elf,sm={gpu},file={cubin}")
        _run("fatbinary", "--64", *SMALL, f"--create={fatbin}", *images)
        return fatbin.read_bytes()


def main() -> None:
    """Write the file that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("output", type=Path, help="the file to write")
    output: Path = parser.parse_args().output
    output.write_bytes(fatbin_from_ptx(ptx_from_kernels()))


def _run(tool: str, *arguments: str | Path) -> None:
    finished = subprocess.run(
        [_path_of(tool), *arguments], capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        complaint = "; ".join((finished.stderr or finished.stdout).split("\n")).strip("; ")
        raise BackendError(f"expected kernels that {tool} takes, got: {complaint}")


def _path_of(tool: str) -> str:
    """Prefer the compiler that the extra brings: it fits the PTX that Numba-CUDA writes."""
    try:
        found = import_module("cuda.pathfinder").find_nvidia_binary_utility(tool)
    except ModuleNotFoundError:
        found = None
    path: str | None = found or shutil.which(tool)
    if path is None:
        raise MissingDependencyError(
            f"compiling the CUDA kernels ahead of time needs {tool!r} of CUDA 13; "
            "pip install nvidia-cuda-nvcc==13.0.88"
        )
    return path


if __name__ == "__main__":
    main()
