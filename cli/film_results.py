"""What became of the films of a run: lines, a manifest, a summary."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TextIO

from ..errors import UnwritableError, UsageError, first_line
from .printable import printable
from .reporting import EXIT_OK, print_line

if TYPE_CHECKING:
    from ..engine.film.film_jobs import FilmJob
    from ..engine.film.film_runner import FilmReport

MANIFEST: Final = "colorize-video.jsonl"


class FilmResults:
    """Collects what became of films, and says it.

    Parameters
    ----------
    folder
        Gets a manifest, one line of JSON for each film; None writes none.
    quiet
        Say only what went wrong.
    to_stderr
        Keep standard output free.
    """

    def __init__(self, folder: Path | None, *, quiet: bool, to_stderr: bool) -> None:
        self.done = self.failed = self.skipped = 0
        self.is_short = False
        self.is_usage_error = False
        self._films: list[dict[str, Any]] = []
        self._frames = 0
        self._seconds = 0.0
        self._folder = folder
        self._manifest: TextIO | None = None
        self._quiet = quiet
        self._out = sys.stderr if to_stderr else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._manifest is not None:
            self._manifest.close()

    def note(self, line: str) -> None:
        """Say a line that is no result, also when quiet."""
        print_line(line)

    def add_skipped(self, job: FilmJob, line: str) -> None:
        """A film that was left alone."""
        self.skipped += 1
        if not self._quiet:
            print(printable(line), file=self._out)
        self._record(job, "skipped", reason=line)

    def add_failed(self, job: FilmJob, error: Exception) -> None:
        """A film that failed."""
        self.failed += 1
        self.is_usage_error = isinstance(error, UsageError)
        text = first_line(error)
        if not any(name in text for name in (job.source.name, job.output.name)):
            text = f"{job.source}: {text}"
        self.note(f"failed: {text}")
        self._record(job, "failed", error=text)

    def add_done(self, job: FilmJob, report: FilmReport, seconds: float) -> None:
        """A film that was written, whole or as far as it went."""
        source = job.source.name
        if not report.frames:
            self.note(f"stopped before the first frame; {report.output} is not written")
            return
        if not report.whole:
            self.note(
                f"stopped at {report.seconds:.1f} s; {report.output} ends there, and the same "
                "command goes on from there"
            )
            self._record(job, "stopped", frames=report.frames)
            return
        self.done += 1
        self._frames += report.frames - report.resumed
        self._seconds += seconds
        self.is_short |= report.missing_s > 0 or report.damaged > 0
        if report.missing_s:
            self.note(
                f"{source} is cut off: its header promises {report.missing_s:.2f} s more than the "
                f"{report.seconds:.2f} s that are there"
            )
        if not self._quiet:
            print(printable(_sentence(report, seconds)), file=self._out)
        self._record(
            job,
            "done",
            output=str(report.output),
            frames=report.frames,
            seconds=round(report.seconds, 3),
            looks=report.looks,
            scenes=len(report.cuts),
            damaged=report.damaged,
            missing_s=round(report.missing_s, 3),
        )

    def name_left_over(self, jobs: Sequence[FilmJob]) -> None:
        """Name folders of segments beside the outputs that belong to none of these films."""
        from ..engine.film.segments.segment_store import left_over_folders, store_folder

        if self._quiet:
            return
        own = {store_folder(job.output) for job in jobs}
        for folder in sorted({job.output.parent for job in jobs}):
            for left_over in left_over_folders(folder):
                if left_over not in own:
                    self.note(
                        f"{left_over} is left of a run that was broken off; the same command goes "
                        "on from there, and with --discard deletes it"
                    )

    def summary(self) -> dict[str, Any]:
        """Summary that `--json` prints."""
        rate = self._frames / self._seconds if self._seconds else 0.0
        return {
            "done": self.done,
            "failed": self.failed,
            "skipped": self.skipped,
            "frames": self._frames,
            "seconds": round(self._seconds, 3),
            "frames_per_second": round(rate, 3),
            "manifest": str(self._folder / MANIFEST) if self._folder is not None else None,
            "films": self._films,
        }

    def _record(self, job: FilmJob, status: str, **more: Any) -> None:
        entry = {"source": str(job.source), "output": str(job.output), "status": status} | more
        self._films.append(entry)
        if self._folder is None:
            return
        try:
            if self._manifest is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._manifest = open(self._folder / MANIFEST, "a", encoding="utf-8")  # noqa: SIM115
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S")
            self._manifest.write(json.dumps({"time": stamp} | entry, ensure_ascii=False) + "\n")
            self._manifest.flush()
        except OSError as error:
            raise UnwritableError(
                f"cannot write {self._folder / MANIFEST}: {first_line(error)}"
            ) from error


def discard_segments(jobs: Sequence[FilmJob], destination: Path) -> int:
    """Delete the folders of segments of films; all of them where DST is a folder."""
    from ..engine.film.segments.segment_store import discard, left_over_folders, store_folder

    folders = {folder for job in jobs if (folder := store_folder(job.output)).is_dir()}
    if destination.is_dir():
        with suppress(OSError):
            folders.update(*(left_over_folders(job.output.parent) for job in jobs))
    for folder in sorted(folders):
        done = discard(folder)
        text = f"deleted {folder}" if done else f"{folder}: a run is at work in it, left alone"
        print(printable(text))
    if not folders:
        print("no run left .segments for these films")
    return EXIT_OK


def _sentence(report: FilmReport, seconds: float) -> str:
    fresh = report.frames - report.resumed
    parts = [f"{report.frames} frames in {seconds:.1f} s ({fresh / seconds:.1f} frames/s)"]
    for count, what, rest in (
        (len(report.cuts), "scene", ""),
        (report.looks, "look", " of the model"),
        (report.resumed, "frame", " from an earlier run"),
        (report.damaged, "damaged packet", ""),
        (report.repaired, "repaired timestamp", ""),
        (report.resized, "frame", " scaled to the size of the first"),
    ):
        if count:
            parts.append(f"{count} {what}{'s' if count > 1 else ''}{rest}")
    return f"{', '.join(parts)} -> {report.output}"
