"""The command behind `scripts/soak`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.soak import endurance, failing_calls, film_endurance, kills, mutants, sync_cost


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    add = parser.add_argument
    add("trials", nargs="*", help="kills, signals, writes, mutants, pictures, film, cost; or all")
    add("--times", type=int, default=50, help="kills and signals")
    add("--mutants", type=int, default=20_000, help="of each format")
    add("--pictures", type=int, default=20_000, help="of 300 pixels")
    add("--minutes", type=float, default=30, help="of film")
    add("--out", type=Path, default=Path("runs/soak.json"), help="figures, added to")
    arguments = parser.parse_args()
    trials = {
        "kills": lambda folder: kills.trial(folder, arguments.times, kills.KILL),
        "signals": lambda folder: kills.trial(folder, arguments.times, kills.STOP),
        "writes": failing_calls.trial,
        "mutants": lambda folder: mutants.trial(folder, arguments.mutants),
        "pictures": lambda folder: endurance.trial(folder, arguments.pictures),
        "film": lambda folder: film_endurance.trial(folder, arguments.minutes),
        "cost": sync_cost.trial,
    }
    named = arguments.trials or list(trials)
    figures = json.loads(arguments.out.read_text()) if arguments.out.exists() else {}
    for name in trials if named == ["all"] else named:
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"soak-{name}-") as folder:
            figures[name] = trials[name](Path(folder))
        figures[name]["minutes"] = round((time.monotonic() - start) / 60, 1)
        sys.stdout.write(f"{name}: {json.dumps(figures[name])}\n")
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
