"""From the start of the command to its first picture."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ...errors import BackendError

_LOOK_EVERY_S: Final = 0.001
_GIVE_UP_AFTER_S: Final = 120.0


def measure_start_up(command: Sequence[str], source: Path, output: Path) -> float:
    """Colorize one picture in a new process.

    Parameters
    ----------
    command
        What colorizes; it is given source and output as well.
    source
        A picture's file.
    output
        Does not exist; is deleted again.

    Returns
    -------
    float
        Seconds from the start of the process until the output is there, whole.

    Raises
    ------
    BackendError
        The command failed, or gave nothing in two minutes.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        [*command, str(source), str(output)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    with process:
        try:
            while not output.exists():
                late = time.perf_counter() - start > _GIVE_UP_AFTER_S
                if late or process.poll() is not None:
                    break
                time.sleep(_LOOK_EVERY_S)
            seconds = time.perf_counter() - start
            if not output.exists():
                process.kill()
                reason = process.communicate()[1].decode(errors="replace").strip()
                raise BackendError(f"the command wrote no {output.name}: {reason or 'too late'}")
        except BaseException:
            process.kill()
            raise
    output.unlink()
    return seconds
