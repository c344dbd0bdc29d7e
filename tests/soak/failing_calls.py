"""Every call that writes, syncs, renames or makes something under DST, failing in turn."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from tests.soak.runs import false_lines, start, state, write_pictures

PICTURES: Final = 5


def can_run() -> bool:
    """Whether there is a C compiler, and a system with LD_PRELOAD and /proc."""
    return shutil.which("cc") is not None and Path("/proc/self/fd").exists()


def trial(folder: Path, most: int = 10_000) -> dict[str, Any]:
    """Fail the first call, the second and so on to the last, each with a full disk and a broken one."""
    library = folder / "failing_calls.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    write_pictures(folder / "in", PICTURES)
    calls = _run(folder, library, at=0)[1]
    figures = {"calls": calls, "tried": 0, "lost": 0, "partial": 0, "false lines": 0, "silent": 0}
    figures["crashed"] = 0
    for at in range(1, min(calls, most) + 1):
        for error in (errno.ENOSPC, errno.EIO):
            shutil.rmtree(folder / "out", ignore_errors=True)
            code, _ = _run(folder, library, at=at, error=error)
            figures["tried"] += 1
            figures["crashed"] += code not in (0, 1, 2)
            figures["false lines"] += false_lines(folder)
            # A failure that the run could not tell from success would lose pictures silently.
            figures["silent"] += code == 0 and state(folder)["lost"] > 0
            start(folder, "--resume").communicate(timeout=60)
            for name, count in state(folder).items():
                figures[name] += count
    return figures


def _run(folder: Path, library: Path, *, at: int, error: int = 0) -> tuple[int, int]:
    """Exit code, and the number of calls."""
    count = folder / "count"
    environment = os.environ | {
        "LD_PRELOAD": str(library),
        "FAIL_UNDER": str(folder / "out"),
        "FAIL_AT": str(at),
        "FAIL_ERRNO": str(error),
        "FAIL_COUNT": str(count),
    }
    process = start(folder, "--workers", "1", env=environment)
    process.communicate(timeout=60)
    return process.returncode, int(count.read_text()) if count.exists() else 0
