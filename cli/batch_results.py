"""What a batch run came to: shown, recorded and summed up."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

from ..engine.batch.job import Outcome, Status
from ..engine.batch.manifest import Manifest
from ..engine.batch.recorder import Recorder
from .progress import RunProgress
from .reporting import print_note

SHEET_ROWS: Final = 24


class BatchResults:
    """Takes the outcomes: shows, records and sums them up.

    Parameters
    ----------
    progress
        Shows and counts.
    planned
        Pictures that the run owes an outcome.
    manifest
        Records, where there is one.
    sheet_rows
        Most pictures on a contact sheet.
    """

    def __init__(
        self,
        progress: RunProgress,
        planned: int,
        manifest: Manifest | None,
        *,
        sheet_rows: int = SHEET_ROWS,
    ) -> None:
        self._sheet_rows = sheet_rows
        self._planned = planned
        self.pairs: list[tuple[Path, Path]] = []
        self._progress = progress
        self._recorder = Recorder(manifest, print_note)
        self._skipped: Counter[str] = Counter()
        self._done: list[Path] = []
        self._noted: set[str] = set()

    def take(self, outcome: Outcome) -> None:
        """Take one outcome; it is shown and counted once it is on the record."""
        for recorded in self._recorder.take(outcome):
            self._count(recorded)

    def end(self, *, is_whole: bool) -> None:
        """Record what is held back, and look whether all is there that should be.

        Parameters
        ----------
        is_whole
            Whether the run came to its end, so that each picture has its outcome.
        """
        for recorded in self._recorder.flush():
            self._count(recorded)
        self._progress.note_negatives()
        lost = self._planned - self._progress.counts.ended
        if is_whole and lost:
            self._progress.fail("pictures that no stage has told the end of", lost)
        manifest = self._recorder.manifest
        if manifest is not None and not manifest.is_in_place:
            self._progress.fail(f"{manifest.path} was removed or replaced while the run went on")
        gone = [output for output in self._done if not output.exists()]
        if gone:
            self._progress.fail(f"{gone[0]} was removed while the run went on", len(gone))

    def _count(self, outcome: Outcome) -> None:
        self._progress.show(outcome)
        for note in outcome.notes:
            if note not in self._noted:  # what holds for many pictures is said once a run
                self._noted.add(note)
                print_note(note)
        output = outcome.job.output
        if outcome.status is Status.SKIPPED:
            self._skipped[outcome.reason] += 1
        elif outcome.status is Status.DONE and output is not None:
            self._done.append(output)
            if len(self.pairs) < self._sheet_rows:
                self.pairs.append((outcome.job.source, output))

    @property
    def has_recorded(self) -> bool:
        """Whether an outcome is on the record of this run."""
        return self._recorder.has_recorded

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
        sheet = ""
        if contact_sheet and self.pairs:
            shown = len(self.pairs)
            of_all = "" if shown == counts.done else f" (first {shown} of {counts.done})"
            sheet = f"; contact sheet {contact_sheet}{of_all}"
        return f"{', '.join(parts)} -> {destination}{sheet}"
