"""A stand-in for libcuda that checks contexts, capture and lifetimes; compiled once, used by child processes.

The code that runs on it stands in `stub_cases`: a function a case. A process loads libcuda once, so
every case has a process of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import gettempdir

import pytest

ROOT = Path(__file__).parents[4]
SOURCE = Path(__file__).with_name("stub_libcuda.c")


@cache
def stub_folder() -> Path:
    """Folder that holds the compiled libcuda.so.1; one of this source for all processes."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("the stand-in driver needs a C compiler, cc")
    folder = Path(gettempdir()) / f"stub-libcuda-{os.getuid()}-{SOURCE.stat().st_mtime_ns}"
    library = folder / "libcuda.so.1"
    if not library.exists():
        folder.mkdir(exist_ok=True)
        partial = folder / f"{os.getpid()}.so"
        command = [compiler, "-O1", "-g", "-fPIC", "-shared", "-pthread"]
        command += ["-Wl,-soname,libcuda.so.1", "-o", str(partial), str(SOURCE)]
        subprocess.run(command, check=True)
        partial.rename(library)
    return folder


def run_on_stub(case: str, tmp_path: Path, **settings: object) -> str:
    """Run a function of `stub_cases` on the stand-in.

    Parameters
    ----------
    case
        Name of the function.
    tmp_path
        Where the stand-in writes what was misused.
    settings
        DEVICES, CC, MEMORY of the stand-in.

    Returns
    -------
    str
        What the stand-in complained of, a misuse a line. The case itself must end without an error.
    """
    pytest.importorskip("cuda.bindings", reason="cuda-bindings is not installed")
    log = tmp_path / "misuses.log"
    log.touch()
    environment = {**os.environ, "LD_LIBRARY_PATH": str(stub_folder()), "STUB_CUDA_LOG": str(log)}
    environment.pop("NUMBA_ENABLE_CUDASIM", None)
    environment |= {f"STUB_CUDA_{name}": str(value) for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.inference.gpu.stub_cases", case],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr + log.read_text()
    return log.read_text()
