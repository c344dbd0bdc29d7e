"""Every copy of the native kernels against the reference, not only the one this processor gets.

The choice is made once in a process, so each copy is tried in a process of its own.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.skipif(
    platform.machine() != "x86_64" or not Path("/proc/cpuinfo").exists(), reason="reads /proc"
)
def test_the_processor_is_known_as_the_kernel_of_the_system_knows_it() -> None:
    from colorize_batch.kernels import cpu

    flags = set(Path("/proc/cpuinfo").read_text().partition("\nflags")[2].split("\n")[0].split())
    assert ({"avx_vnni", "avx512_vnni"} & flags != set()) == cpu.HAS_INT8_DOT_PRODUCT
    if {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= flags:
        best = "x86_64_v4"
    else:
        best = "x86_64_v3" if {"avx2", "fma", "bmi2"} <= flags else "portable"
    assert os.environ.get("COLORIZE_INSTRUCTION_SET", best) == cpu.INSTRUCTION_SET
