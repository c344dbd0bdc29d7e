"""Runs that are killed, or told to stop, at random moments, and resumed."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path
from typing import Any, Final

from tests.soak.runs import false_lines, start, state, write_pictures

KILL: Final = (signal.SIGKILL,)
STOP: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PICTURES: Final = 400


def trial(
    folder: Path, times: int, numbers: tuple[signal.Signals, ...], pictures: int = PICTURES
) -> dict[str, Any]:
    """Stop runs over the same pictures so many times; begin anew when all are done."""
    chance = random.Random(1)
    write_pictures(folder / "in", pictures)
    figures = {
        "tried": 0,
        "ended before": 0,
        "lost": 0,
        "partial": 0,
        "false lines": 0,
        "crashed": 0,
    }
    whole = _seconds_of_a_run(folder)
    while figures["tried"] < times:
        process = start(folder, "--resume")
        time.sleep(chance.uniform(0.0, whole))
        is_early = process.poll() is not None
        process.send_signal(number := chance.choice(numbers))
        process.communicate(timeout=60)
        figures["tried"] += 1
        figures["ended before"] += is_early
        figures["false lines"] += false_lines(folder)
        expected = (0, 130, -number) if number in KILL else (0, 130)
        figures["crashed"] += process.returncode not in expected
        if chance.random() < 0.3 or is_early or figures["tried"] == times:
            last = start(folder, "--resume")
            last.communicate(timeout=600)
            figures["crashed"] += last.returncode != 0
            for name, count in state(folder).items():
                figures[name] += count
            _empty(folder / "out")
    return figures


def _seconds_of_a_run(folder: Path) -> float:
    begun = time.monotonic()
    start(folder).communicate(timeout=600)
    _empty(folder / "out")
    return time.monotonic() - begun


def _empty(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()
