"""`colorize-bench`: how fast the engine is on this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Protocol

import typer

from ..benchmarks.engine.benchmark import run_benchmark
from ..benchmarks.engine.benchmark_options import BenchmarkOptions
from ..benchmarks.engine.comparison import caveats
from ..benchmarks.engine.figure import blank_figure, draw
from ..benchmarks.engine.picture_mix import PictureMix
from ..benchmarks.engine.report import Report
from ..benchmarks.engine.report_page import report_page
from ..benchmarks.engine.tables import comparison_table, tables_of
from ..chosen_model import choose_model
from ..engine.atomic_write import write_atomically
from ..engine.inference.model_files import DEFAULT_MODEL
from ..engine.pages.table import Table
from ..engine.pictures.formats import READABLE, READABLE_SUFFIXES
from ..errors import UsageError
from .auto_number import auto_numbers
from .engine_building import open_with_display
from .options import AUTO, Debug, Device, Model
from .reporting import console, run_app

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.status import Status

PLOT_SUFFIXES: Final = (".png", ".html")
MADE: Final = "made"
PIPED_WIDTH: Final = 160
BATCH_COMMAND: Final = (
    sys.executable,
    "-c",
    "from colorize_batch.cli.batch import main; main()",
)

EPILOG: Final = """
[bold]Examples[/bold]

colorize-bench                                       three sizes of JPEG, shipped model

colorize-bench --formats jpg,png,jpg+png+webp --sizes 0.25+2+12

colorize-bench --photos scans/ --batch-size 1,4,8 --json now.json --plot now.html

colorize-bench --video clip.mp4 --video-size 1920x1080

colorize-bench --compare before.json now.json

A comma separates runs; a plus mixes sizes or formats within a run.
"""

app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)


@app.command(name="colorize-bench", epilog=EPILOG)
def colorize_bench(
    batch_size: Annotated[
        str, typer.Option(metavar="LIST", help="Pictures that the network takes at a time.")
    ] = "auto",
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="A.json B.json", help="Only compare two reports."),
    ] = None,
    count: Annotated[
        str | None,
        typer.Option(
            metavar="LIST", help="Pictures in a run: 16,64, or as many as there are photographs."
        ),
    ] = None,
    debug: Debug = False,
    device: Device = AUTO,
    formats: Annotated[str, typer.Option(metavar="LIST", help="Of the pictures made.")] = "jpg",
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Keep the report.")
    ] = None,
    model: Model = DEFAULT_MODEL,
    photos: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Take these pictures; none are made."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the report: .png, or .html.")
    ] = None,
    repeats: Annotated[int, typer.Option(help="Rounds; the report has medians.")] = 3,
    sizes: Annotated[
        str, typer.Option(metavar="LIST", help="Megapixels of the pictures made.")
    ] = "0.25,2,12",
    video: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Measure film instead: a clip, or made; its colour is removed."
        ),
    ] = None,
    video_size: Annotated[
        str, typer.Option(metavar="WxH", help="That the film is scaled to.")
    ] = "640x360",
) -> None:
    """Measure throughput, latency, CPU time and memory, end to end and stage by stage.

    Every run has a process of its own. The pictures are made, like photographs in detail, or taken
    from a folder; nothing is written but what --json and --plot name.
    """
    del debug
    if compare is not None:
        _compare(*compare)
        return
    if video is not None:
        _measure_film(video, video_size, model, device, repeats, json_file)
        return
    if plot is not None and plot.suffix.lower() not in PLOT_SUFFIXES:
        raise UsageError(f"--plot {plot}: expected a name that ends in .png or .html")
    # Opened once here, so that no measurement contains the build of an engine.
    with open_with_display(choose_model(model, device)) as opened:
        chosen = opened.model
    options = BenchmarkOptions(
        model=chosen,
        mixes=tuple(
            PictureMix.parsed(size, kinds)
            for kinds in formats.split(",")
            for size in sizes.split(",")
        ),
        photos=_photos_in(photos),
        photos_name=photos.name if photos is not None else "",
        batch_sizes=auto_numbers(batch_size, "--batch-size", 1, 256),
        counts=tuple(_whole(text, "--count") for text in count.split(",")) if count else (),
        repeats=repeats,
    )
    # What keeps it from being drawn is better known before the minutes of measuring.
    figure = blank_figure() if plot is not None else None
    with _shown_steps() as on_step:
        report = run_benchmark(options, command=BATCH_COMMAND, on_step=on_step)
    for table in tables_of(report):
        _print(table)
    if json_file is not None:
        report.write(json_file)
    if plot is not None and figure is not None:
        _save(figure, report, plot)


def main() -> None:
    """Entry point of `colorize-bench`."""
    run_app(app)


def _compare(first: Path, second: Path) -> None:
    before, after = Report.read(first), Report.read(second)
    for line in caveats(before, after):
        console.print(f"note: {line}", markup=False)
    _print(comparison_table(before, after))


def _measure_film(
    video: str, size: str, model: str, device: str, repeats: int, json_file: Path | None
) -> None:
    from ..benchmarks.engine.film_benchmark import film_benchmark

    width, _, height = size.partition("x")
    clip = None if video == MADE else Path(video)
    with open_with_display(choose_model(model, device)) as opened, _shown_steps() as on_step:
        report = film_benchmark(
            opened.backend,
            clip,
            height=_whole(height, "--video-size"),
            width=_whole(width, "--video-size"),
            repeats=repeats,
            on_step=on_step,
        )
    _print(report.table())
    if json_file is not None:
        report.write(json_file)


def _photos_in(folder: Path | None) -> tuple[Path, ...]:
    if folder is None:
        return ()
    found = (path for path in folder.rglob("*") if path.suffix.lower() in READABLE_SUFFIXES)
    photos = tuple(sorted(path for path in found if path.is_file()))
    if not photos:
        raise UsageError(f"--photos {folder}: expected a folder with {READABLE} files, found none")
    return photos


def _whole(text: str, option: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise UsageError(
            f"{option}: expected whole numbers from 1, separated by commas, got {text!r}"
        )
    return int(text)


class _OnStep(Protocol):
    def __call__(self, name: str, done: int, total: int, /) -> None: ...


@contextmanager
def _shown_steps() -> Iterator[_OnStep]:
    """A line that changes on a terminal; elsewhere a line a step."""

    def line(name: str, done: int, total: int) -> str:
        return f"{done + 1} of {total}: {name}" if total else name

    if not console.is_terminal:
        yield lambda *step: console.print(line(*step), markup=False)
        return
    status: Status
    with console.status("") as status:
        yield lambda *step: status.update(line(*step))


def _save(figure: Figure, report: Report, path: Path) -> None:
    draw(report, figure)
    if path.suffix.lower() == ".png":
        figure.savefig(path, dpi=110)
    else:
        write_atomically(path, report_page(report, figure).encode())


def _print(table: Table) -> None:
    from rich.console import Console
    from rich.table import Table as RichTable

    if not table.rows:
        return
    drawn = RichTable(title=table.title, title_justify="left")
    for number, title in enumerate(table.header):
        drawn.add_column(title, justify="left" if number < table.words else "right")
    for row in table.rows:
        drawn.add_row(*row)
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    Console(highlight=False, markup=False, width=width).print(drawn)
