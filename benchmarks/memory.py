"""Peak memory and throughput of `colorize-batch` on few and on many copies of a photograph.

    python benchmarks/memory.py [PHOTO] [--counts 100,1000]

Memory must not grow with the number of pictures: the last line is the ratio of the two peaks.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "examples/photos/modern/cat.jpg"


def main() -> None:
    """Run and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", nargs="?", type=Path, default=EXAMPLE)
    parser.add_argument("--counts", default="100,1000")
    arguments = parser.parse_args()
    peaks = []
    print(f"{'pictures':>9} {'images/s':>9} {'MP/s':>7} {'peak MiB':>9}")
    for count in map(int, arguments.counts.split(",")):
        summary, peak_mib = _run(arguments.photo, count)
        peaks.append(peak_mib)
        print(
            f"{count:9} {summary['images_per_second']:9.1f} "
            f"{summary['megapixels_per_second']:7.1f} {peak_mib:9.1f}"
        )
    print(f"peak of the last over the first: {peaks[-1] / peaks[0]:.3f}")


def _run(photo: Path, count: int) -> tuple[dict[str, float], float]:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in")
        source.mkdir()
        for index in range(count):
            shutil.copyfile(photo, source / f"{index:05}{photo.suffix}")
        command = Path(sys.executable).parent / "colorize-batch"
        process = subprocess.Popen(
            [command, source, Path(folder, "out"), "--json"], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"colorize-batch failed with {process.returncode}")
        return json.loads(output), usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
