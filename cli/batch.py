"""`colorize-batch SRC DST`: colour for pictures, in bulk."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand

from ..chosen_model import ChosenModel, OpenModel, choose_model
from ..engine.atomic_write import remove_partial_files
from ..engine.batch.before_after import write_before_after_sheet
from ..engine.batch.existing_outputs import Existing, Verdict, verdicts
from ..engine.batch.job import Job, Outcome, Status
from ..engine.batch.manifest import MANIFEST_NAME, Manifest
from ..engine.batch.recorder import Recorder
from ..engine.batch.runner_options import MAX_PIXELS, RunnerOptions
from ..engine.batch.source import Plan, plan_jobs
from ..engine.batch.source_bytes import MAX_FILE_BYTES
from ..engine.batch.streaming_runner import StreamingRunner
from ..engine.inference.model_files import DEFAULT_MODEL, shipped_models
from ..engine.pictures.formats import FORMATS
from ..engine.pictures.look import Look
from ..errors import UsageError
from ..kernels import jpeg
from .engine_building import open_with_display
from .options import AUTO, Device, Model, Quiet, Saturation, Style, Upsample
from .progress import RunProgress
from .reporting import EXIT_INTERRUPTED, EXIT_OK, EXIT_SOME_FAILED, console, run_app

SHEET_ROWS: Final = 24

EPILOG: Final = """
[bold]Examples[/bold]

colorize-batch scans/ colour/            every picture under scans/, folders kept

colorize-batch portrait.tif portrait-colour.tif

colorize-batch 'album/**/*.jpg' out/ --format webp --quality 85

find . -name '*.png' | colorize-batch - out/ --resume

[bold]Exit codes[/bold]  0 all done, 1 wrong usage or model, 2 some pictures failed, 130 stopped.
"""


def print_version(asked: bool) -> None:
    """Print the version and leave, if asked to."""
    if asked:
        from importlib.metadata import version

        paths = "coefficients" if jpeg.AVAILABLE else "pixels (built without libjpeg's headers)"
        print(
            f"colorize-batch {version('colorize-batch')}; models: {', '.join(shipped_models())}; "
            f"JPEG by {paths}"
        )
        raise typer.Exit


app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)


class _BatchCommand(TyperCommand):
    """The command, with `--resume=verify` for an option that otherwise takes no value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        spelled = ["--verify" if word == "--resume=verify" else word for word in args]
        return super().parse_args(ctx, spelled)


@app.command(name="colorize-batch", epilog=EPILOG, cls=_BatchCommand)
def colorize_batch(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SRC", help="A picture, a folder, a quoted glob, or - for a list of paths."
        ),
    ],
    destination: Annotated[
        Path, typer.Argument(metavar="DST", help="A folder; or a file, when SRC is one picture.")
    ],
    batch_size: Annotated[
        str, typer.Option(help="Pictures that the network takes at a time; auto or 1..256.")
    ] = AUTO,
    best: Annotated[
        bool,
        typer.Option("--best", help="Look at the mirror image too: a little better, slower."),
    ] = False,
    chroma: Annotated[
        str, typer.Option(help="Colour of JPEG outputs: 420 at half size each way, 444 full.")
    ] = "420",
    contact_sheet: Annotated[
        Path | None, typer.Option(help="Write gray and colour side by side to this .jpg or .png.")
    ] = None,
    device: Device = AUTO,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first failure.")
    ] = False,
    output_format: Annotated[
        str, typer.Option("--format", help=f"keep, {', '.join(FORMATS)}.")
    ] = "keep",
    json_summary: Annotated[
        bool, typer.Option("--json", help="Summary as JSON on standard output.")
    ] = False,
    max_bytes: Annotated[
        int, typer.Option(help="Refuse files with more bytes than this, unread.")
    ] = MAX_FILE_BYTES,
    max_pixels: Annotated[
        int, typer.Option(help="Refuse pictures with more pixels than this.")
    ] = MAX_PIXELS,
    model: Model = DEFAULT_MODEL,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace outputs that exist.")
    ] = False,
    quality: Annotated[
        int, typer.Option(help="1..100 for jpg, webp and avif; 0 is the format's own.")
    ] = 0,
    quiet: Quiet = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Leave alone what is finished with this model and settings; redo the rest. "
            "--resume=verify is --verify.",
        ),
    ] = False,
    saturation: Saturation = 1.0,
    skip_color: Annotated[
        bool, typer.Option("--skip-color", help="Leave out pictures that are in colour already.")
    ] = False,
    style: Style = "natural",
    upsample: Upsample = "guided",
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="--resume, and redo outputs whose sha256 is not the recorded one."
        ),
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=print_version,
            help="Print the version and the shipped models.",
        ),
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for another run on DST to end.")
    ] = False,
    workers: Annotated[str, typer.Option(help="Threads of each stage; auto or 1..256.")] = AUTO,
    working_size: Annotated[
        str, typer.Option(help="Root of the area that the model looks at, pixels; or auto.")
    ] = AUTO,
) -> int:
    """Add colour to black-and-white pictures.

    A picture that exists in DST is left alone, unless --overwrite or --resume says otherwise.
    DST gets a manifest, colorize-batch.jsonl, with one line for each picture.
    """
    del version
    if quality < 0:
        raise UsageError("--quality: expected 1..100")
    options = RunnerOptions(
        look=Look(saturation=saturation, style=style, upsample=upsample, chroma=chroma),  # type: ignore[arg-type]
        quality=quality,
        skip_color=skip_color,
        max_pixels=max_pixels,
        max_bytes=max_bytes,
        batch_size=_number(batch_size, "--batch-size"),
        workers=_number(workers, "--workers"),
        working_size=_number(working_size, "--working-size", most=4096),
        best=best,
    )
    existing = _existing(overwrite=overwrite, resume=resume, verify=verify)
    chosen = choose_model(model, device)
    plan = plan_jobs(
        source,
        destination,
        output_format=output_format,
        listed=sys.stdin if source == "-" else (),
    )
    manifest = _open_manifest(plan, chosen, options, dry_run=dry_run, wait=wait)
    with manifest or nullcontext():
        settled = list(verdicts(plan.jobs, existing, manifest))
        if dry_run:
            return _say_what_would_be_done(settled, plan)
        if manifest is not None:
            folders = {job.output.parent for job in plan.jobs if job.output is not None}
            if left := remove_partial_files(folders):
                plan.notes.append(f"{left} unfinished files of a run that was killed are removed")
        opened: OpenModel | None = None
        if any(verdict.status is None for _, verdict in settled):
            opened = open_with_display(chosen, quiet=quiet)
            if opened.model != chosen and manifest is not None:
                # What an earlier run finished by this other model is finished.
                manifest.model = {"name": opened.model.name, "sha256": opened.model.sha256}
                settled = list(verdicts(plan.jobs, existing, manifest))
        with (
            opened or nullcontext(),
            RunProgress(len(plan.jobs) + len(plan.refused), quiet=quiet) as progress,
        ):
            for note in plan.notes:
                progress.say(f"note: {note}")
            results = Results(progress, manifest)
            stopped = False
            try:
                for outcome in _outcomes(settled, plan, opened, options):
                    results.take(outcome)
                    if fail_fast and outcome.status is Status.FAILED:
                        break
            except KeyboardInterrupt:
                stopped = True
            finally:
                results.end()
    if contact_sheet is not None and results.pairs:
        write_before_after_sheet(results.pairs, contact_sheet)
    if json_summary:
        print(json.dumps(results.summary() | {"stopped": stopped}))
    elif not quiet:
        print(results.sentence(destination, contact_sheet))
    if stopped:
        console.print("stopped; run the same command with --resume to go on", markup=False)
        return EXIT_INTERRUPTED
    return EXIT_SOME_FAILED if progress.counts.failed else EXIT_OK


class Results:
    """Takes the outcomes: shows, records and sums them up.

    Parameters
    ----------
    progress
        Shows and counts.
    manifest
        Records, where there is one.
    """

    def __init__(self, progress: RunProgress, manifest: Manifest | None) -> None:
        self.pairs: list[tuple[Path, Path]] = []
        self._progress = progress
        self._recorder = Recorder(manifest, lambda text: progress.say(f"note: {text}"))
        self._skipped: Counter[str] = Counter()
        self._done: list[Path] = []

    def take(self, outcome: Outcome) -> None:
        """Take one outcome; it is shown and counted once it is on the record."""
        for recorded in self._recorder.take(outcome):
            self._count(recorded)

    def end(self) -> None:
        """Record what is held back, and look whether all that was done is still there."""
        for recorded in self._recorder.flush():
            self._count(recorded)
        manifest = self._recorder.manifest
        if manifest is not None and not manifest.is_in_place:
            self._progress.fail(f"{manifest.path} was removed or replaced while the run went on")
        gone = [output for output in self._done if not output.exists()]
        if gone:
            self._progress.fail(f"{gone[0]} was removed while the run went on", len(gone))

    def _count(self, outcome: Outcome) -> None:
        self._progress.show(outcome)
        output = outcome.job.output
        if outcome.status is Status.SKIPPED:
            self._skipped[outcome.reason] += 1
        elif outcome.status is Status.DONE and output is not None:
            self._done.append(output)
            if len(self.pairs) < SHEET_ROWS:
                self.pairs.append((outcome.job.source, output))

    def summary(self) -> dict[str, Any]:
        """Summary that `--json` prints."""
        counts, manifest = self._progress.counts, self._recorder.manifest
        return {
            "done": counts.done,
            "failed": counts.failed,
            "skipped": dict(self._skipped),
            "megapixels": round(counts.megapixels, 3),
            "seconds": round(counts.seconds, 3),
            "images_per_second": round(counts.done / counts.seconds, 3),
            "megapixels_per_second": round(counts.megapixels / counts.seconds, 3),
            "manifest": str(manifest.path) if manifest is not None else None,
        }

    def sentence(self, destination: Path, contact_sheet: Path | None) -> str:
        """The summary for people."""
        counts = self._progress.counts
        parts = [f"{counts.done} colorized in {counts.seconds:.1f} s ({counts.rates()})"]
        parts += [f"{number} left alone ({reason})" for reason, number in self._skipped.items()]
        if counts.failed:
            parts.append(f"{counts.failed} failed")
        sheet = f"; contact sheet {contact_sheet}" if contact_sheet and self.pairs else ""
        return f"{', '.join(parts)} -> {destination}{sheet}"


def main() -> None:
    """Entry point of `colorize-batch`."""
    run_app(app)


def _outcomes(
    settled: list[tuple[Job, Verdict]],
    plan: Plan,
    opened: OpenModel | None,
    options: RunnerOptions,
) -> Iterator[Outcome]:
    """Every job's outcome."""
    yield from plan.refused
    for job, verdict in settled:
        if verdict.status is not None:
            yield Outcome(job=job, status=verdict.status, reason=verdict.reason)
    if opened is not None:
        todo = (job for job, verdict in settled if verdict.status is None)
        yield from StreamingRunner(opened.backend, options).run(todo)


def _existing(*, overwrite: bool, resume: bool, verify: bool) -> Existing:
    if overwrite and (resume or verify):
        raise UsageError("--overwrite and --resume exclude each other")
    if overwrite:
        return Existing.OVERWRITE
    return Existing.VERIFY if verify else Existing.RESUME if resume else Existing.KEEP


def _open_manifest(
    plan: Plan, model: ChosenModel, options: RunnerOptions, *, dry_run: bool, wait: bool
) -> Manifest | None:
    if plan.root is None:
        return None
    return Manifest(
        plan.root / MANIFEST_NAME,
        model={"name": model.name, "sha256": model.sha256},
        settings={
            **asdict(options.look),
            "quality": options.quality,
            "working_size": options.working_size,
            "best": options.best,
        },
        wait=wait,
        read_only=dry_run,
    )


def _say_what_would_be_done(settled: list[tuple[Job, Verdict]], plan: Plan) -> int:
    for note in plan.notes:
        console.print(f"note: {note}", markup=False)
    words = {Status.FAILED: "fails", Status.SKIPPED: "left alone", Status.DONE: "done"}
    for job, (status, reason) in settled:
        print(
            f"{job.source} -> {job.output}" + (f"  ({words[status]}: {reason})" if status else "")
        )
    for outcome in plan.refused:
        job = outcome.job
        print(f"{job.source} -> {job.output or 'nothing'}  (fails: {outcome.reason})")
    fails = plan.refused or any(verdict.status is Status.FAILED for _, verdict in settled)
    return EXIT_SOME_FAILED if fails else EXIT_OK


def _number(text: str, option: str, most: int = 256) -> int:
    if text == AUTO:
        return 0
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise UsageError(f"{option}: expected auto or 1..{most}, got {text!r}")
    return int(text)
