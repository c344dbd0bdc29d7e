"""Public colorizers in this engine and as their own projects run them, in turn, in one run.

    python -m benchmarks.checkpoints [--networks eccv16,ddcolor-tiny] [--sizes 2,12] [--rounds 3]

Weights are made up by the rule of the golden tests: speed does not depend on them. Each side has a
process of its own in every round. Printed are medians, and how many times the project's own rate and
peak memory the engine's are.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from colorize_batch.benchmarks.engine.fresh_process import in_fresh_process
from colorize_batch.benchmarks.engine.machine import Machine
from colorize_batch.benchmarks.engine.picture_mix import PictureMix
from colorize_batch.benchmarks.engine.statistics import median_of
from colorize_batch.benchmarks.engine.workload import Workload
from colorize_batch.chosen_model import choose_model

from ..peers import engine
from ..peers.contestants import Cost, Run, cost_of

# DeOldify's wide network as its video weights use it; stable takes 2.8 times the work a picture.
SIDES: Final = {"deoldify-wide": 336}
SMALL: Final = "eccv16,siggraph17,tutorial-unet,tutorial-resnet18,ddcolor-tiny"


def main() -> None:
    """Run and print."""
    # Not above: every measured process imports this module, and the engine's has no PyTorch.
    from colorize_batch.training.public.families import PUBLIC_FAMILIES  # noqa: PLC0415

    from . import own_steps  # noqa: PLC0415

    arguments = _arguments()
    machine = Machine.here()
    started = datetime.now(UTC).isoformat(timespec="seconds")
    print(f"{machine.cpu}, {machine.cores} cores, load {machine.load}")
    results = {}
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="checkpoints-") as name:
        folder = Path(name)
        for network in arguments.networks.split(","):
            weights, model = _files(network, arguments.keep or folder)
            if arguments.int8 and (quantized := model.with_stem(f"{network}-int8")).exists():
                model = quantized
            side = SIDES.get(network) or next(
                family.side for family in PUBLIC_FAMILIES if family.name == network
            )
            contestants: dict[str, Callable[[Workload], Run]] = {
                "engine": engine.prepared,
                "own steps": partial(own_steps.prepared, weights, side),
            }
            for megapixels in map(float, arguments.sizes.split(",")):
                mix = PictureMix(megapixels=(megapixels,), formats=("jpg",))
                workload = Workload(
                    model=choose_model(model, "cpu"),
                    batch_size=0,
                    files=mix.files_in(folder),
                    count=arguments.count,
                    folder=folder / "outputs",
                )
                costs: dict[str, list[Cost]] = {each: [] for each in contestants}
                for number in range(arguments.rounds):
                    for each, prepare in contestants.items():
                        print(f"{network}, {mix.label}: {number + 1}, {each}", file=sys.stderr)
                        costs[each].append(
                            in_fresh_process(cost_of, prepare, workload, arguments.limit_s)
                        )
                medians = {each: median_of(of_each) for each, of_each in costs.items()}
                _print(f"{model.stem}, {mix.label}", medians)
                results[f"{model.stem}, {mix.label}"] = {
                    each: asdict(median) for each, median in medians.items()
                }
    if arguments.json is not None:
        report = {"date": started, "machine": asdict(machine), "results": results}
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


def _files(network: str, folder: Path) -> tuple[Path, Path]:
    """Made-up weights of a network, and the model file that is made of them."""
    import torch  # noqa: PLC0415

    from colorize_batch.export.import_checkpoint import (  # noqa: PLC0415
        ImportOptions,
        import_checkpoint,
    )
    from colorize_batch.training.public.families import PUBLIC_FAMILIES  # noqa: PLC0415
    from tests.training.public import weights_rule  # noqa: PLC0415

    weights, model = folder / f"{network}.pth", folder / f"{network}.onnx"
    if not weights.exists():
        family = next(each for each in PUBLIC_FAMILIES if each.name == network)
        with torch.device("meta"):
            state = family.build().state_dict()
        entries = [
            (key, tuple(each.shape), str(each.dtype).removeprefix("torch."))
            for key, each in state.items()
        ]
        made_up = weights_rule.build(entries)
        torch.save({key: torch.from_numpy(each) for key, each in made_up.items()}, weights)
    if not model.exists():
        variant = "video" if network == "deoldify-wide" else ""
        import_checkpoint(weights, model, ImportOptions(variant=variant))
    return weights, model


def _print(label: str, costs: dict[str, Cost]) -> None:
    ours, own = costs["engine"], costs["own steps"]
    print(f"\n{label}")
    print(f"{'':>10} {'images/s':>9} {'CPU s':>7} {'peak MiB':>9}")
    for name, cost in costs.items():
        print(
            f"{name:>10} {cost.images_per_second:9.3f} {cost.cpu_ms / 1e3:7.2f} "
            f"{cost.peak_rss_mib:9.0f}"
        )
    print(
        f"{'ratio':>10} {ours.images_per_second / own.images_per_second:9.2f} "
        f"{own.cpu_ms / ours.cpu_ms:7.2f} {own.peak_rss_mib / ours.peak_rss_mib:9.2f}",
        flush=True,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkpoints", description=__doc__)
    parser.add_argument("--networks", default=SMALL, help="of PUBLIC_FAMILIES")
    parser.add_argument("--sizes", default="2,12", help="megapixels")
    parser.add_argument("--count", type=int, default=6, help="pictures in a run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit-s", type=float, default=30, help="of a run of own steps, seconds")
    parser.add_argument("--int8", action="store_true", help="use NETWORK-int8.onnx of --keep")
    parser.add_argument("--keep", type=Path, help="folder that weights and models stay in")
    parser.add_argument("--folder", type=Path, help="for pictures and outputs, such as /dev/shm")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
