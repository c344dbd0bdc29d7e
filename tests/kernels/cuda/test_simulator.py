"""`test_kernels` in Numba's CUDA simulator, which must be chosen before Numba is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SUITE = Path(__file__).with_name("test_kernels.py")


@pytest.mark.needs_numba
@pytest.mark.parametrize("part", ["l_plane", "not l_plane"])
def test_kernels_in_the_simulator(part: str) -> None:
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-k", part]
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", *options, SUITE.relative_to(ROOT)],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    assert " passed" in finished.stdout
