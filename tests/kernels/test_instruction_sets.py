"""Every copy of the native kernels against the reference, not only the one this processor gets.

The choice is made once in a process, so each copy is tried in a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import numpy as np
from colorize_batch.kernels import cpu, reference

def apart(got, expected):
    return int(np.abs(got.astype(np.int64) - expected).max())

random = np.random.default_rng(0)
ab = random.normal(0, 45, (2, 9, 13)).astype(np.float32)
worst = {"u8": 0, "u16": 0, "chroma": 0, "l": 0.0}
for name, dtype in (("u8", np.uint8), ("u16", np.uint16)):
    for shape in ((40, 611), (40, 611, 3)):
        source = random.integers(0, np.iinfo(dtype).max + 1, shape, dtype)
        for upsample in ("bilinear", "guided"):
            merged = cpu.merge_ab(source, ab, upsample=upsample)
            expected = reference.merge_ab(source, ab, 1.0, upsample)
            worst[name] = max(worst[name], apart(merged, expected))
        l_apart = np.abs(cpu.l_plane(source, 7, 90) - reference.l_plane(source, 7, 90)).max()
        worst["l"] = max(worst["l"], float(l_apart))
luma = random.integers(0, 256, (40, 611), np.uint8)
for upsample in ("bilinear", "guided"):
    chroma = cpu.chroma_planes(luma, 0.6 * ab, upsample=upsample)
    expected = reference.chroma_planes(luma, 0.6 * ab, 1.0, upsample)
    worst["chroma"] = max(worst["chroma"], apart(chroma, expected))
assert worst["u8"] <= 1 and worst["u16"] <= 8 and worst["chroma"] <= 1, worst
assert worst["l"] <= 1e-3, worst
print(cpu.INSTRUCTION_SET)
"""


@pytest.mark.parametrize("instruction_set", ["portable", "x86_64_v3", "x86_64_v4"])
def test_each_copy_keeps_the_bounds(instruction_set: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "COLORIZE_INSTRUCTION_SET": instruction_set},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    used = finished.stdout.strip()
    if used != instruction_set:
        assert used == "portable"
        pytest.skip(f"this processor, or the compiler of this build, has no {instruction_set}")
