"""Instructions of every native kernel, for `scripts/count-instructions`.

    python -m benchmarks.instructions run BUILD COUNTS     under callgrind: each kernel
    python -m benchmarks.instructions report COUNTS [--record]

Callgrind writes a file whenever a kernel returns; `run` writes their names in the same order.
"""

from __future__ import annotations

import argparse
import importlib.machinery
import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

HEIGHT: Final = 600
WIDTH: Final = 900
NAMES: Final = "names.json"
RECORD: Final = Path(__file__).parent / "results" / "instructions-x86_64_v3.json"
# More than what another order of the heap changes, less than anybody would want to lose.
TOLERANCE: Final = 0.03


def main() -> None:
    """Run or report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run")
    runner.add_argument("build", type=Path)
    runner.add_argument("counts", type=Path)
    reporter = commands.add_parser("report")
    reporter.add_argument("counts", type=Path)
    reporter.add_argument("--record", action="store_true", help="make these the counts on record")
    arguments = parser.parse_args()
    if arguments.command == "run":
        load_native(arguments.build)
        (arguments.counts / NAMES).write_text(json.dumps(list(run())))
    else:
        report(arguments.counts, record=arguments.record)


def load_native(build: Path) -> None:
    """Put the modules of another build in the place of the installed ones."""
    for name in ("_native", "_jpeg"):
        (library,) = build.glob(f"{name}.*.so")
        full_name = f"colorize_batch.kernels.{name}"
        loader = importlib.machinery.ExtensionFileLoader(full_name, str(library))
        spec = importlib.util.spec_from_file_location(full_name, library, loader=loader)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
        sys.modules[full_name] = module


def run() -> Iterator[str]:
    """Call each kernel twice, and then give its name; the first call's count is not to be used.

    Callgrind does not begin anew at a function that it meets for the first time.
    """
    import pyvips  # noqa: PLC0415  after `load_native`

    from benchmarks.kernels import cases_for, photograph  # noqa: PLC0415
    from colorize_batch.kernels import cpu  # noqa: PLC0415
    from colorize_batch.kernels.jpeg import JpegFile, Shrink  # noqa: PLC0415

    assert cpu.INSTRUCTION_SET == "x86_64_v3"
    for case in cases_for(HEIGHT, WIDTH):
        case.run()
        case.run()
        yield case.name
    gray_u8, ab_planes = photograph(HEIGHT, WIDTH)
    jpeg = pyvips.Image.new_from_array(gray_u8).jpegsave_buffer(Q=90)
    shrinks: tuple[Shrink, ...] = (2, 4)
    for shrink in shrinks:
        files = [JpegFile(jpeg), JpegFile(jpeg)]
        _, luma_u8 = (file.luma_for_chroma(shrink) for file in files)
        yield f"JPEG luma at 1/{shrink}"
        _, cb_cr_u8 = (cpu.chroma_planes(luma_u8, ab_planes, upsample="guided") for _ in files)
        yield f"chroma_planes guided at 1/{shrink}"
        for file in files:
            file.with_chroma(*cb_cr_u8, shrink=shrink)
        yield f"JPEG chroma from 1/{shrink}"


def report(counts: Path, *, record: bool) -> None:
    """Print instructions a pixel beside those on record; exit with 1 if one has grown."""
    names = json.loads((counts / NAMES).read_text())
    files = sorted(counts.glob("part.*"), key=lambda file: int(file.suffix[1:]))[1::2]
    if len(files) != len(names):
        sys.exit(f"{len(names)} kernels but {len(files)} counts: were functions renamed?")
    pixels = HEIGHT * WIDTH
    found = {name: round(total(file) / pixels, 3) for name, file in zip(names, files, strict=True)}
    if record:
        RECORD.write_text(json.dumps(found, indent=1) + "\n")
    on_record: dict[str, float] = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    table = Table("kernel", "instructions a pixel", "on record", "change")
    grown = []
    for name, count in found.items():
        before = on_record.get(name, count)
        change = count / before - 1
        if change > TOLERANCE:
            grown.append(name)
        table.add_row(name, f"{count:.2f}", f"{before:.2f}", f"{change:+.1%}")
    Console().print(table)
    if grown:
        sys.exit(f"over {TOLERANCE:.0%} more than on record: {', '.join(grown)}")


def total(file: Path) -> int:
    """The instructions that a file of callgrind counts."""
    match = re.search(r"^(?:totals|summary): (\d+)", file.read_text(), re.MULTILINE)
    if match is None:
        sys.exit(f"{file}: not a file of callgrind's")
    return int(match[1])


if __name__ == "__main__":
    main()
