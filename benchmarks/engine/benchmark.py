"""The whole benchmark: rounds of measurements, each in a process of its own."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ...engine.pictures.formats import format_of
from .benchmark_options import BenchmarkOptions
from .end_to_end import EndToEnd, measure_end_to_end
from .fresh_process import in_fresh_process
from .growth import growths_of
from .machine import Machine
from .picture_mix import PictureMix
from .report import Report
from .run_report import RunReport
from .stage_rates import StageRate, measure_stages
from .start_up import measure_start_up
from .statistics import median_of
from .workload import Workload

_START_UP_MIX: Final = PictureMix(megapixels=(0.25,), formats=("jpg",))
_MEMORY_FOLDER: Final = Path("/dev/shm")  # Linux keeps it in memory
_ENOUGH_MEMORY_BYTES: Final = 4 * 2**30


def run_benchmark(
    options: BenchmarkOptions,
    *,
    command: Sequence[str],
    on_step: Callable[[str, int, int], None] = lambda *_: None,
) -> Report:
    """Measure round by round, so that what else the machine does falls on all runs alike.

    Parameters
    ----------
    options
        What to measure.
    command
        What starts `colorize-batch`, for the time until its first output.
    on_step
        Called with what comes next, how many steps are done, and how many there are; 0 if not yet known.

    Raises
    ------
    ColorizeError
        Of a model, device or picture that cannot be used.
    """
    date = datetime.now(UTC).isoformat(timespec="seconds")
    machine = Machine.here()
    start_ups: list[float] = []
    with _scratch_folder() as folder:
        on_step("making pictures", 0, 0)
        cells = list(_cells(options, folder))
        first = _START_UP_MIX.files_in(folder)[0]
        flags = ("--quiet", "--device", options.model.device, "--model", str(options.model.path))
        rounds = [cell for _ in range(options.repeats) for cell in cells]
        for done, cell in enumerate(rounds):
            on_step(cell.name, done, len(rounds))
            if cell is cells[0]:
                start_ups.append(
                    measure_start_up([*command, *flags], first, folder / "first-output.jpg")
                )
            cell.measure()
        runs = tuple(cell.report() for cell in cells)
        return Report(
            date=date,
            machine=machine,
            model=options.model.path.name,
            model_sha256=options.model.sha256,
            repeats=options.repeats,
            scratch="memory" if _MEMORY_FOLDER in folder.parents else "disk",
            start_up_s=median_of(start_ups),
            runs=runs,
            growths=growths_of(runs),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """One workload and its measurements so far."""

    pictures: str
    workload: Workload
    runs: list[EndToEnd] = field(default_factory=list)
    stages: list[tuple[StageRate, ...]] = field(default_factory=list)

    @property
    def batch(self) -> str:
        return str(self.workload.batch_size or "auto")

    @property
    def name(self) -> str:
        return f"{self.pictures}, {self.workload.count} images, batch {self.batch}"

    def measure(self) -> None:
        self.runs.append(in_fresh_process(measure_end_to_end, self.workload))
        self.stages.append(in_fresh_process(measure_stages, self.workload))

    def report(self) -> RunReport:
        return RunReport.of(
            self.runs,
            self.stages,
            pictures=self.pictures,
            formats="+".join(sorted({format_of(file).name for file in self.workload.files})),
            count=self.workload.count,
            batch=self.batch,
        )


def _cells(options: BenchmarkOptions, folder: Path) -> Iterator[_Cell]:
    if options.photos:
        pictures = [(options.photos_name, options.photos)]
    else:
        pictures = [(mix.label, mix.files_in(folder)) for mix in options.mixes]
    for (label, files), batch_size, count in itertools.product(
        pictures, options.batch_sizes, options.counts_to_run
    ):
        workload = Workload(
            model=options.model,
            batch_size=batch_size,
            files=files,
            count=count,
            folder=folder / "outputs",
        )
        yield _Cell(pictures=label, workload=workload)


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    """A folder for pictures and outputs, in memory where there is enough of it."""
    in_memory = (
        _MEMORY_FOLDER.is_dir() and shutil.disk_usage(_MEMORY_FOLDER).free > _ENOUGH_MEMORY_BYTES
    )
    with tempfile.TemporaryDirectory(
        prefix="colorize-bench-", dir=_MEMORY_FOLDER if in_memory else None
    ) as folder:
        yield Path(folder)
