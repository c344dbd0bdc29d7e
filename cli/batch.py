"""`colorize-batch SRC... DST`: colour for pictures, in bulk."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from contextlib import closing, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal

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
from ..engine.inference.hints import require_hints
from ..engine.inference.model_files import DEFAULT_MODEL
from ..engine.pictures.formats import FormatName
from ..engine.pictures.look import Chroma, Look
from ..engine.pictures.metadata.provenance import Provenance, is_marked
from ..engine.pictures.metadata.read_metadata import read_metadata
from ..engine.pictures.preparation.preparation_options import PreparationOptions, Upright
from ..engine.pictures.read_options import MAX_PIXELS
from ..errors import UnreadableError, UsageError
from .as_begun import model_as_begun
from .auto_number import auto_or
from .batch_results import BatchResults
from .engine_building import open_with_display
from .options import (
    AUTO,
    COLOR,
    MESSAGES,
    OUTPUT,
    SPEED,
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
    EXIT_USAGE,
    console,
    print_note,
    run_app,
)
from .stop_signals import EXIT_INTERRUPTED
from .version import print_version

PICTURES: Final = "Pictures"

EPILOG: Final = """
[bold]Examples[/bold]

colorize-batch scans/ colour/            every picture under scans/, folders kept

colorize-batch portrait.tif portrait-colour.tif

colorize-batch album/*.jpg more/ out/     several at a time

colorize-batch 'album/**/*.jpg' out/ --format webp --quality 85

find . -name '*.png' | colorize-batch - out/ --resume

[bold]Exit codes[/bold]  0 all done, 1 wrong usage or model, 2 some pictures failed, 130 stopped.
"""


def tell_whether_colorized(path: Path | None) -> None:
    """Print whether this program added a file's colour, if requested, and leave: 0 yes, 1 no."""
    if path is None:
        return
    try:
        marked = is_marked(read_metadata(path.read_bytes()))
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read: {error.strerror or error}") from error
    if marked:
        print(f"{path}: yes, colour was added by colorize-batch")
    else:
        print(f"{path}: no, it does not say so")
    raise typer.Exit(EXIT_OK if marked else EXIT_USAGE)


app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)


class _BatchCommand(TyperCommand):
    """The command, with `--resume=verify` for an option that otherwise takes no value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        spelled = ["--verify" if word == "--resume=verify" else word for word in args]
        return super().parse_args(ctx, spelled)


@app.command(name="colorize-batch", epilog=EPILOG, cls=_BatchCommand)
def colorize_batch(
    source: Annotated[
        list[str],
        typer.Argument(
            metavar="SRC...",
            help="Pictures, folders and globs, quoted or not; or - for a list of paths.",
        ),
    ],
    destination: Annotated[
        Path, typer.Argument(metavar="DST", help="A folder; or a file, when SRC is one picture.")
    ],
    as_is: AsIs = False,
    best: Annotated[
        bool,
        typer.Option(
            "--best",
            rich_help_panel=COLOR,
            help="Test-time augmentation: average with the mirrored picture; about half as fast.",
        ),
    ] = False,
    chroma: Annotated[
        Chroma,
        typer.Option(
            rich_help_panel=COLOR,
            help="Colour of JPEG outputs: 420 at half size each way, 444 full.",
        ),
    ] = "420",
    hints: Annotated[
        Path | None,
        typer.Option(
            metavar="HINTS.json",
            rich_help_panel=COLOR,
            help="Colours for places of pictures, for a model that takes them.",
        ),
    ] = None,
    model: Model = DEFAULT_MODEL,
    saturation: Saturation = 1.0,
    style: Style = "natural",
    upright: Annotated[
        Upright,
        typer.Option(
            rich_help_panel=COLOR,
            help="Side that is up: as it is, or auto: show four turns, take the likeliest colours.",
        ),
    ] = "keep",
    upsample: Upsample = "guided",
    working_size: Annotated[
        int,
        auto_or(1, 4096, panel=COLOR, help="Root of the area that the model looks at, pixels."),
    ] = 0,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", rich_help_panel=PICTURES, help="Print what would be done, and stop."
        ),
    ] = False,
    fail_fast: Annotated[
        bool,
        typer.Option("--fail-fast", rich_help_panel=PICTURES, help="Stop at the first failure."),
    ] = False,
    frames: Annotated[
        Literal["first", "all"],
        typer.Option(
            rich_help_panel=PICTURES,
            help="Of animations: the first frame, or all where the output's format can hold them.",
        ),
    ] = "first",
    max_bytes: Annotated[
        int,
        typer.Option(
            rich_help_panel=PICTURES, help="Refuse files with more bytes than this, unread."
        ),
    ] = MAX_FILE_BYTES,
    max_pixels: Annotated[
        int,
        typer.Option(rich_help_panel=PICTURES, help="Refuse pictures with more pixels than this."),
    ] = MAX_PIXELS,
    max_seconds: Annotated[
        float,
        typer.Option(
            rich_help_panel=PICTURES,
            help="Stop decoding a picture that takes longer than this, and give up a file whose "
            "disk does not answer.",
        ),
    ] = MAX_SECONDS,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", rich_help_panel=PICTURES, help="Replace outputs that exist."),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            rich_help_panel=PICTURES,
            help="Leave alone what is finished with this model and settings; redo the rest. "
            "--resume=verify is --verify.",
        ),
    ] = False,
    salvage: Annotated[
        bool,
        typer.Option(
            "--salvage",
            rich_help_panel=PICTURES,
            help="Colorize what can be read of damaged pictures, and mark the outputs so.",
        ),
    ] = False,
    skip_color: Annotated[
        bool,
        typer.Option(
            "--skip-color",
            rich_help_panel=PICTURES,
            help="Leave out pictures that are in colour already.",
        ),
    ] = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            rich_help_panel=PICTURES,
            help="--resume, and redo outputs whose sha256 is not the recorded one.",
        ),
    ] = False,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait", rich_help_panel=PICTURES, help="Wait for another run on DST to end."
        ),
    ] = False,
    contact_sheet: Annotated[
        Path | None,
        typer.Option(
            rich_help_panel=OUTPUT, help="Write gray and colour side by side to this .jpg or .png."
        ),
    ] = None,
    output_format: Annotated[
        Literal["keep", FormatName],
        typer.Option("--format", rich_help_panel=OUTPUT, help="Format of the outputs."),
    ] = "keep",
    keep_times: Annotated[
        bool,
        typer.Option(
            "--keep-times",
            rich_help_panel=OUTPUT,
            help="Give outputs the time of change of their sources.",
        ),
    ] = False,
    label: Annotated[
        str,
        typer.Option(
            rich_help_panel=OUTPUT,
            help="Text to draw into the lower left corner; JPEGs are then encoded anew.",
        ),
    ] = "",
    no_provenance: Annotated[
        bool,
        typer.Option(
            "--no-provenance",
            rich_help_panel=OUTPUT,
            help="Leave out the mark in XMP and EXIF that a model added the colour.",
        ),
    ] = False,
    quality: Annotated[
        int,
        auto_or(1, 100, panel=OUTPUT, help="Of jpg, webp and avif; auto is the format's own."),
    ] = 0,
    batch_size: Annotated[
        int, auto_or(1, 256, panel=SPEED, help="Pictures that the network takes at a time.")
    ] = 0,
    device: Device = AUTO,
    workers: Annotated[int, auto_or(1, 256, panel=SPEED, help="Threads of each stage.")] = 0,
    debug: Debug = False,
    is_colorized: Annotated[
        Path | None,
        typer.Option(
            is_eager=True,
            callback=tell_whether_colorized,
            metavar="FILE",
            rich_help_panel=MESSAGES,
            help="Print whether colorize-batch added a file's colour: exit code 0 yes, 1 no.",
        ),
    ] = None,
    json_summary: Annotated[
        bool,
        typer.Option(
            "--json", rich_help_panel=MESSAGES, help="Summary as JSON on standard output."
        ),
    ] = False,
    quiet: Quiet = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=print_version,
            rich_help_panel=MESSAGES,
            help="Print the version and the shipped models.",
        ),
    ] = False,
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
        preparation=PreparationOptions(as_is=as_is, upright=upright),
        quality=quality,
        skip_color=skip_color,
        salvage=salvage,
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
            if hints is not None:
                require_hints(opened.backend.contract)
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
            results = BatchResults(progress, planned, manifest)
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
            **asdict(options.preparation),
            "quality": options.quality,
            "working_size": options.working_size,
            "best": options.best,
            **({} if marked else {"provenance": False}),
            **({"all_frames": True} if options.all_frames else {}),
            **({"salvage": True} if options.salvage else {}),
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
