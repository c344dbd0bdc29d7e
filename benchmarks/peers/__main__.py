"""The engine and its peers on the same pictures, in turn, in one run.

    python -m benchmarks.peers [--sizes 2,12] [--count 200] [--rounds 5] [--only engine,pillow]

Every contestant has a process of its own in every round, and the rounds go around all of them, so
that what else the machine does falls on all alike. Printed are medians, and how many times the
engine's CPU time and rate the others' are.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from colorize_batch.benchmarks.engine.fresh_process import in_fresh_process
from colorize_batch.benchmarks.engine.machine import Machine
from colorize_batch.benchmarks.engine.picture_mix import PictureMix
from colorize_batch.benchmarks.engine.statistics import median_of
from colorize_batch.benchmarks.engine.workload import Workload
from colorize_batch.chosen_model import choose_model
from colorize_batch.engine.inference.model_files import DEFAULT_MODEL

from .contestants import CONTESTANTS, Cost, measure


def main() -> None:
    """Run and print."""
    arguments = _arguments()
    started = datetime.now(UTC).isoformat(timespec="seconds")
    machine = Machine.here()
    print(f"{machine.cpu}, {machine.cores} cores, load {machine.load}")
    results = {}
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="peers-") as folder:
        for megapixels in map(float, arguments.sizes.split(",")):
            mix = PictureMix(megapixels=(megapixels,), formats=("jpg",))
            workload = Workload(
                model=choose_model(arguments.model, "cpu"),
                batch_size=0,
                files=mix.files_in(Path(folder)),
                count=arguments.count,
                folder=Path(folder, "outputs"),
            )
            costs: dict[str, list[Cost]] = {name: [] for name in arguments.only.split(",")}
            for number in range(arguments.rounds):
                for name, of_name in costs.items():
                    print(f"{mix.label}: round {number + 1}, {name}", file=sys.stderr)
                    of_name.append(in_fresh_process(measure, name, workload, arguments.limit_s))
            medians = {name: median_of(of_name) for name, of_name in costs.items()}
            _print(mix.label, medians)
            results[mix.label] = {
                name: {"median": asdict(medians[name]), "rounds": list(map(asdict, of_name))}
                for name, of_name in costs.items()
            }
    if arguments.json is not None:
        report = {
            "date": started,
            "machine": asdict(machine),
            "count": arguments.count,
            "results": results,
        }
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--sizes", default="2,12", help="megapixels")
    parser.add_argument("--count", type=int, default=200, help="pictures in a run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit-s", type=float, default=15, help="of a peer's run, seconds")
    parser.add_argument("--only", default=",".join(CONTESTANTS), help="names, the engine first")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--folder", type=Path, help="for pictures and outputs, such as /dev/shm")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if unknown := set(arguments.only.split(",")) - set(CONTESTANTS):
        parser.error(f"--only: expected {', '.join(CONTESTANTS)}, got {', '.join(unknown)}")
    return arguments


def _print(label: str, costs: Mapping[str, Cost]) -> None:
    ours = costs.get("engine")
    print(f"\n{label}")
    print(
        f"{'':>11} {'CPU ms':>8} {'images/s':>9} {'peak MiB':>9} {'start-up s':>11} "
        f"{'CPU, engine = 1':>16} {'rate, engine = 1':>17}"
    )
    for name, cost in costs.items():
        ratios = ""
        if ours is not None:
            ratios = (
                f"{cost.cpu_ms / ours.cpu_ms:16.2f} "
                f"{cost.images_per_second / ours.images_per_second:17.3f}"
            )
        print(
            f"{name:>11} {cost.cpu_ms:8.1f} {cost.images_per_second:9.2f} "
            f"{cost.peak_rss_mib:9.0f} {cost.start_up_cpu_s:11.2f} {ratios}"
        )


if __name__ == "__main__":
    main()
