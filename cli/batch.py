"""`colorize-batch SRC... DST`: colour for pictures, in bulk."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from contextlib import closing, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import typer
from typer.core import TyperCommand

from ..chosen_model import ChosenModel, OpenModel, choose_model
from ..engine.atomic_write import remove_partial_files
from ..engine.batch.contact_sheet import require_sheet_name, write_before_after_sheet
from ..engine.batch.existing_outputs import Existing, Verdict, verdicts
from ..engine.batch.hint_file import hinted_jobs
from ..engine.batch.job import Job, Outcome, Status
from ..engine.batch.location import location_of
from ..engine.batch.manifest import MANIFEST_NAME, Manifest
from ..engine.batch.runner_options import MAX_SECONDS, RunnerOptions
from ..engine.batch.source import BatchPlan, plan_jobs
from ..engine.batch.source_bytes import MAX_FILE_BYTES
from ..engine.batch.streaming_runner import StreamingRunner
from ..engine.inference.model_files import DEFAULT_MODEL
from ..engine.pictures.look import Look
from ..engine.pictures.metadata.provenance import Provenance
from ..engine.pictures.preparation.preparation_options import PreparationOptions
from ..engine.pictures.read_options import MAX_PIXELS
from ..errors import UsageError
from .as_begun import model_as_begun
from .batch_options import (
    BatchSize,
    Best,
    ChromaOption,
    ContactSheet,
    Destination,
    DryRun,
    FailFast,
    Frames,
    Hints,
    Invert,
    IsColorized,
    JsonSummary,
    KeepTimes,
    Label,
    MaxBytes,
    MaxPixels,
    MaxSeconds,
    NoProvenance,
    OutputFormat,
    Overwrite,
    Quality,
    Resume,
    Salvage,
    SheetRows,
    SkipColor,
    Sources,
    UprightOption,
    Verify,
    Version,
    Wait,
    Workers,
    WorkingSize,
)
from .batch_results import SHEET_ROWS, BatchResults
from .engine_building import open_with_display
from .options import (
    AUTO,
    AsIs,
    Debug,
    Device,
    Model,
    Quiet,
    Saturation,
    Style,
    Upsample,
)
from .printable import printable
from .progress import RunProgress
from .reporting import (
    EXIT_OK,
    EXIT_SOME_FAILED,
    console,
    print_note,
    run_app,
)
from .stop_signals import EXIT_INTERRUPTED

EPILOG: Final = """
[bold]Examples[/bold]

colorize-batch scans/ colour/            every picture under scans/, folders kept

colorize-batch portrait.tif portrait-colour.tif

colorize-batch album/*.jpg more/ out/     several at a time

colorize-batch 'album/**/*.jpg' out/ --format webp --quality 85

find . -name '*.png' | colorize-batch - out/ --resume

[bold]Exit codes[/bold]  0 all done, 1 wrong usage or model, 2 some pictures failed, 130 stopped.
"""


app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)


class _BatchCommand(TyperCommand):
    """The command, with `--resume=verify` for an option that otherwise takes no value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        spelled = ["--verify" if word == "--resume=verify" else word for word in args]
        try:
            return super().parse_args(ctx, spelled)
        except typer.BadParameter as error:
            # A single path counts as DST, which is not what was forgotten.
            if getattr(error.param, "name", "") == "source":
                raise UsageError(
                    "expected SRC... DST, pictures and where their colour goes "
                    "(see colorize-batch --help)"
                ) from error
            raise


@app.command(name="colorize-batch", epilog=EPILOG, cls=_BatchCommand)
def colorize_batch(
    source: Sources,
    destination: Destination,
    as_is: AsIs = False,
    best: Best = False,
    chroma: ChromaOption = "420",
    hints: Hints = None,
    model: Model = DEFAULT_MODEL,
    saturation: Saturation = 1.0,
    style: Style = "natural",
    upright: UprightOption = "keep",
    upsample: Upsample = "guided",
    working_size: WorkingSize = 0,
    dry_run: DryRun = False,
    fail_fast: FailFast = False,
    frames: Frames = "first",
    invert: Invert = False,
    max_bytes: MaxBytes = MAX_FILE_BYTES,
    max_pixels: MaxPixels = MAX_PIXELS,
    max_seconds: MaxSeconds = MAX_SECONDS,
    overwrite: Overwrite = False,
    resume: Resume = False,
    salvage: Salvage = False,
    skip_color: SkipColor = False,
    verify: Verify = False,
    wait: Wait = False,
    contact_sheet: ContactSheet = None,
    output_format: OutputFormat = "keep",
    keep_times: KeepTimes = False,
    label: Label = "",
    no_provenance: NoProvenance = False,
    quality: Quality = 0,
    sheet_rows: SheetRows = SHEET_ROWS,
    batch_size: BatchSize = 0,
    device: Device = AUTO,
    workers: Workers = 0,
    debug: Debug = False,
    is_colorized: IsColorized = None,
    json_summary: JsonSummary = False,
    quiet: Quiet = False,
    version: Version = False,
) -> int:
    """Add colour to black-and-white pictures.

    A picture that exists in DST is left alone, unless --overwrite or --resume says otherwise.
    DST gets a manifest, colorize-batch.jsonl, with one line for each picture.
    """
    del debug, is_colorized, version
    options = RunnerOptions(
        look=Look(
            saturation=saturation, style=style, upsample=upsample, chroma=chroma, label=label
        ),
        preparation=PreparationOptions(as_is=as_is, upright=upright, seeks_negatives=not invert),
        quality=quality,
        skip_color=skip_color,
        salvage=salvage,
        invert=invert,
        all_frames=frames == "all",
        keep_times=keep_times,
        max_pixels=max_pixels,
        max_bytes=max_bytes,
        max_seconds=max_seconds,
        batch_size=batch_size,
        workers=workers,
        working_size=working_size,
        best=best,
    )
    existing = _existing(overwrite=overwrite, resume=resume, verify=verify)
    if contact_sheet is not None:
        require_sheet_name(contact_sheet)
    chosen = choose_model(model, device)
    plan = plan_jobs(
        source,
        destination,
        output_format=output_format,
        listed=_standard_input() if source == ["-"] else b"",
    )
    if hints is not None:
        plan = replace(plan, jobs=hinted_jobs(plan.jobs, hints))
    if contact_sheet is not None:
        _require_free(contact_sheet, plan)
    manifest = _open_manifest(
        plan, chosen, options, marked=not no_provenance, dry_run=dry_run, wait=wait
    )
    with manifest or nullcontext():
        if manifest is not None and model == DEFAULT_MODEL and existing is not Existing.OVERWRITE:
            chosen = model_as_begun(chosen, manifest, device)
        settled = list(verdicts(plan.jobs, existing, manifest))
        if dry_run:
            return _say_what_would_be_done(settled, plan)
        if manifest is not None:
            folders = {job.output.parent for job in plan.jobs if job.output is not None}
            if left := remove_partial_files(folders):
                plan.notes.append(f"{left} unfinished files of a run that was killed are removed")
        planned = len(plan.jobs) + len(plan.refused)
        sources = [job.source for job in plan.jobs]
        opened: OpenModel | None = None
        if any(verdict.status is None for _, verdict in settled):
            opened = open_with_display(chosen, quiet=quiet)
            if opened.model != chosen and manifest is not None:
                # What an earlier run finished by this other model is finished.
                manifest.model = {"name": opened.model.name, "sha256": opened.model.sha256}
                settled = list(verdicts(plan.jobs, existing, manifest))
        with (
            opened or nullcontext(),
            RunProgress(planned, sources, quiet=quiet) as progress,
        ):
            for note in plan.notes:
                print_note(note)
            results = BatchResults(progress, planned, manifest, sheet_rows=sheet_rows)
            stopped = is_whole = False
            try:
                if opened is not None and not no_provenance:
                    options = replace(options, provenance=_provenance_of(opened.model))
                with closing(_outcomes(settled, plan, opened, options, results)) as outcomes:
                    for outcome in outcomes:
                        results.take(outcome)
                        if fail_fast and outcome.status is Status.FAILED:
                            break
                    else:
                        is_whole = True
            except KeyboardInterrupt:
                stopped = True
            finally:
                results.end(is_whole=is_whole)
                if manifest is not None and results.has_recorded:
                    manifest.append_passed_over(" ".join(source), plan.passed_over)
    if contact_sheet is not None and results.pairs:
        write_before_after_sheet(results.pairs, contact_sheet)
    if json_summary:
        print(
            json.dumps(
                results.summary()
                | {"passed_over": dict(plan.passed_over), "notes": plan.notes, "stopped": stopped}
            )
        )
    elif not quiet:
        print(printable(results.sentence(destination, contact_sheet)))
        if plan.passed_over:
            print_note(plan.passed_over_sentence)
    if stopped:
        console.print("stopped; run the same command with --resume to go on", markup=False)
        return EXIT_INTERRUPTED
    return EXIT_SOME_FAILED if progress.counts.failed else EXIT_OK


def main() -> None:
    """Entry point of `colorize-batch`."""
    run_app(app)


def _outcomes(
    settled: list[tuple[Job, Verdict]],
    plan: BatchPlan,
    opened: OpenModel | None,
    options: RunnerOptions,
    results: BatchResults,
) -> Generator[Outcome, None, None]:
    """Every job's outcome."""
    yield from plan.refused
    for job, verdict in settled:
        if verdict.status is not None:
            yield Outcome(job=job, status=verdict.status, reason=verdict.reason)
    if opened is not None:
        todo = (job for job, verdict in settled if verdict.status is None)
        runner = StreamingRunner(opened.backend, options)
        yield from runner.run(todo, after_stop=results.take)


def _standard_input() -> bytes:
    buffer = getattr(sys.stdin, "buffer", None)
    return sys.stdin.read().encode("utf-8", "surrogateescape") if buffer is None else buffer.read()


def _provenance_of(model: ChosenModel) -> Provenance:
    return Provenance(model_name=model.name, model_sha256=model.sha256)


def _existing(*, overwrite: bool, resume: bool, verify: bool) -> Existing:
    if overwrite and (resume or verify):
        raise UsageError("--overwrite and --resume exclude each other")
    if overwrite:
        return Existing.OVERWRITE
    return Existing.VERIFY if verify else Existing.RESUME if resume else Existing.KEEP


def _require_free(sheet: Path, plan: BatchPlan) -> None:
    """Raise UsageError where a contact sheet would replace a source or an output of the run."""
    location = location_of(sheet)
    for job in (*plan.jobs, *(outcome.job for outcome in plan.refused)):
        paths = (job.source, job.output)
        if any(path is not None and location_of(path) == location for path in paths):
            raise UsageError(f"--contact-sheet {sheet}: that is a source or an output of this run")


def _open_manifest(
    plan: BatchPlan,
    model: ChosenModel,
    options: RunnerOptions,
    *,
    marked: bool,
    dry_run: bool,
    wait: bool,
) -> Manifest | None:
    if plan.root is None:
        return None
    return Manifest(
        plan.root / MANIFEST_NAME,
        model={"name": model.name, "sha256": model.sha256},
        settings={
            **asdict(options.look),
            "as_is": options.preparation.as_is,
            "upright": options.preparation.upright,
            "quality": options.quality,
            "working_size": options.working_size,
            "best": options.best,
            **({} if marked else {"provenance": False}),
            **({"all_frames": True} if options.all_frames else {}),
            **({"salvage": True} if options.salvage else {}),
            **({"invert": True} if options.invert else {}),
        },
        wait=wait,
        read_only=dry_run,
    )


def _say_what_would_be_done(settled: list[tuple[Job, Verdict]], plan: BatchPlan) -> int:
    for note in plan.notes:
        print_note(note)
    words = {Status.FAILED: "fails", Status.SKIPPED: "left alone", Status.DONE: "done"}
    for job, (status, reason) in settled:
        why = f"  ({words[status]}: {reason})" if status else ""
        print(printable(f"{job.source} -> {job.output}{why}"))
    if plan.passed_over:
        print_note(plan.passed_over_sentence)
    for outcome in plan.refused:
        job = outcome.job
        print(printable(f"{job.source} -> {job.output or 'nothing'}  (fails: {outcome.reason})"))
    fails = plan.refused or any(verdict.status is Status.FAILED for _, verdict in settled)
    return EXIT_SOME_FAILED if fails else EXIT_OK
