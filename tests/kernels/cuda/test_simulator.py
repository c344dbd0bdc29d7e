"""`test_kernels` in Numba's CUDA simulator, which must be chosen before Numba is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SUITE = Path(__file__).with_name("test_kernels.py").relative_to(ROOT)


# Parts that take about as long, for pytest-xdist to share out; the last is what others leave.
PARTS = ("l_plane", "smaller_than or far_too_large", "chroma or rows_of_more")
REST = f"not ({' or '.join(PARTS)})"


@pytest.mark.needs_numba
@pytest.mark.timeout(900)  # thousands of Python threads, on a machine that may be busy
@pytest.mark.parametrize("part", [*PARTS, REST])
def test_kernels_in_the_simulator(part: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", part, SUITE],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    assert " passed" in finished.stdout
