"""All that can only be known on a GPU, in one go and without a network: `scripts/gpu-check OUT_DIR`.

Every part runs in a process of its own and has a time limit, so that one that fails, hangs or takes
the GPU with it costs itself alone. What a part needs and is not installed is said and counts as no
failure. OUT_DIR gets `gpu-check.json`, `gpu-check.png` where matplotlib is installed, and the output
of every part. Exit code 0: nothing failed; 1: something did; 3: there is no CUDA device.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from inference import NOT_THERE, RUNTIMES
from plot import drawn

from colorize_batch.errors import ColorizeError
from colorize_batch.kernels.cuda.card import Card

ROOT: Final = Path(__file__).parents[2]
FAILED: Final = 1
NO_DEVICE: Final = 3
BENCH: Final = "from colorize_batch.cli.bench import main; main()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something to run.

    Parameters
    ----------
    name, title
        In the report, and for people.
    command
        Of the process; it may write `json_file`.
    json_file
        Its results, in OUT_DIR.
    limit_s
        Time after which it is stopped.
    needs
        Modules without which it is not run.
    environment
        Beside that of this process.
    """

    name: str
    title: str
    command: tuple[str, ...]
    json_file: Path | None = None
    limit_s: float = 900
    needs: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Outcome of a part: "passed", "failed" or "not there", its last line, and its results."""

    name: str
    title: str
    outcome: str
    seconds: float
    said: str
    results: Any = None


def main() -> None:
    """Run all parts and write the report."""
    parser = argparse.ArgumentParser(prog="gpu-check", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("out_dir", type=Path, help="a folder for the report; made if needed")
    parser.add_argument("--device", type=int, default=0, help="which GPU")
    parser.add_argument("--only", default="", help="names of parts, separated by commas")
    parser.add_argument("--count", type=int, default=512, help="pictures, end to end")
    options = parser.parse_args()
    try:
        machine = described(options.device)
    except ColorizeError as error:
        print(f"gpu-check: no CUDA device: {error}", file=sys.stderr)
        sys.exit(NO_DEVICE)
    out_dir: Path = options.out_dir
    out_dir.mkdir(parents=True, exist_ok=True)
    parts = list(parts_for(out_dir.resolve(), options.device, options.count))
    wanted = set(options.only.split(",")) if options.only else {part.name for part in parts}
    if unknown := wanted - {part.name for part in parts}:
        parser.error(f"--only {', '.join(unknown)}: {', '.join(part.name for part in parts)}")
    print(f"{machine['gpu']}, compute capability {machine['compute_capability']}")
    findings = [run(part, out_dir) for part in parts if part.name in wanted]
    report = {**machine, "parts": [asdict(finding) for finding in findings]}
    (out_dir / "gpu-check.json").write_text(json.dumps(report, indent=2) + "\n")
    print(f"report: {out_dir / 'gpu-check.json'}")
    plot = out_dir / "gpu-check.png"
    print(f"plot: {plot}" if drawn(report, plot) else "no plot: matplotlib is not installed")
    sys.exit(FAILED if any(finding.outcome == "failed" for finding in findings) else 0)


def described(ordinal: int) -> dict[str, str]:
    """The GPU and the machine; raises a ColorizeError where there is no GPU."""
    with Card(ordinal) as card:
        return {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "gpu": card.name,
            "compute_capability": ".".join(map(str, card.compute_capability)),
            "kernels": card.origin,
            "machine": platform.machine(),
            "cores": str(len(os.sched_getaffinity(0))),
            "python": platform.python_version(),
        }


def parts_for(out_dir: Path, ordinal: int, count: int) -> Iterator[Part]:
    """List the parts in the order in which they depend on each other."""
    python = sys.executable
    # Every part sees this GPU alone, as the first one.
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    chosen = visible[ordinal] if ordinal < len(visible) and visible[0] else str(ordinal)
    one_gpu = {"CUDA_VISIBLE_DEVICES": chosen}
    for name, title, folder, needs in (
        ("kernel-tests", "kernels agree with the reference", "tests/kernels/cuda", ()),
        ("device-tests", "streams, events, graphs", "tests/engine/inference/gpu", ("cuda",)),
    ):
        yield Part(
            name=name,
            title=title,
            command=(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder),
            needs=("pytest", *needs),
            environment={**one_gpu, "COLORIZE_REQUIRE_CUDA": "1"},
        )
    bandwidth = out_dir / "kernels.json"
    yield Part(
        name="kernels",
        title="bandwidth of the kernels beside a copy",
        command=(python, "benchmarks/gpu/cuda_kernels.py", "--json", str(bandwidth)),
        json_file=bandwidth,
        environment=one_gpu,
    )
    for runtime in RUNTIMES:
        rates = out_dir / f"{runtime}.json"
        yield Part(
            name=runtime,
            title=f"the network alone, by {runtime}",
            command=(python, "benchmarks/gpu/inference.py", runtime, "--json", str(rates)),
            json_file=rates,
            environment=one_gpu,
            limit_s=1800,
        )
    whole = out_dir / "end-to-end.json"
    yield Part(
        name="end-to-end",
        title="files to files in memory",
        command=(
            *(python, "-c", BENCH, "--device", "cuda", "--sizes", "0.25,2,12"),
            *("--count", str(count), "--repeats", "3", "--json", str(whole)),
        ),
        json_file=whole,
        environment=one_gpu,
        limit_s=3600,
    )


def run(part: Part, out_dir: Path) -> Finding:
    """Run one part; whatever becomes of it is a finding."""
    print(f"{part.name}: {part.title} ... ", end="", flush=True)
    start = time.perf_counter()
    if missing := [module for module in part.needs if find_spec(module) is None]:
        return found(part, "not there", f"needs {', '.join(missing)}", start)
    try:
        done = subprocess.run(
            part.command,
            cwd=ROOT,
            env={**os.environ, **part.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=part.limit_s,
            check=False,
        )
        output, code = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        raw = late.stdout or ""
        output = raw.decode(errors="replace") if isinstance(raw, bytes) else raw
        output, code = f"{output}\nstopped after {part.limit_s:.0f} s", FAILED
    except OSError as error:
        output, code = str(error), FAILED
    (out_dir / f"{part.name}.txt").write_text(output)
    outcome = {0: "passed", NOT_THERE: "not there"}.get(code, "failed")
    results = None
    if outcome == "passed" and part.json_file is not None:
        try:
            results = json.loads(part.json_file.read_text())
        except (OSError, ValueError) as error:
            outcome, output = "failed", f"no results: {error}"
    said = next((line for line in reversed(output.splitlines()) if line.strip()), "").strip()
    return found(part, outcome, said, start, results)


def found(part: Part, outcome: str, said: str, start: float, results: Any = None) -> Finding:
    """Sum up, and print how it ended."""
    print(f"{outcome}: {said}" if outcome != "passed" or results is None else outcome)
    return Finding(
        name=part.name,
        title=part.title,
        outcome=outcome,
        seconds=round(time.perf_counter() - start, 1),
        said=said,
        results=results,
    )


if __name__ == "__main__":
    main()
