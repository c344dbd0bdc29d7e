"""The record of a run beside its outputs, which makes `--resume` possible."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Final, Self

from ...errors import UnwritableError
from .job import Job, Outcome, Status
from .location import location_of
from .manifest_entry import ManifestEntry
from .manifest_file import ManifestFile

MANIFEST_NAME: Final = "colorize-batch.jsonl"


class Manifest:
    """A JSON Lines file, one object a picture, appended to by every run.

    Lines go out in one write, and a line that a crash cut short is removed when the file is opened
    again; so every line is whole. Of each output only the place of its last line is kept in memory.

    Parameters
    ----------
    path
        Made if missing, with its folder, unless `read_only`.
    model
        Name and sha256 of the model file.
    settings
        What the outputs depend on besides source and model.
    wait
        Whether to wait for another run on the same folder, or to refuse.
    read_only
        Look up only, for a dry run.

    Raises
    ------
    UsageError
        The file is not a regular one, another program's, or another run has it open.
    UnwritableError
        The file or its folder cannot be made or written.
    """

    def __init__(
        self,
        path: Path,
        *,
        model: dict[str, str],
        settings: dict[str, Any],
        wait: bool = False,
        read_only: bool = False,
    ) -> None:
        self.path = path
        self.model = model
        self._settings = settings
        self._read_only = read_only
        self._appending = Lock()
        self._file = ManifestFile(path, wait=wait, read_only=read_only)
        # hash of an output's name -> where its last "done" line begins; the line itself decides.
        self._places: dict[int, int] = {}
        try:
            for offset, output in self._file.done_outputs():
                self._places[hash(output)] = offset
        except BaseException:
            self._file.close()
            raise

    def entry_of(self, output: Path) -> ManifestEntry | None:
        """Return what is recorded of how an output was made; None if nothing is."""
        name = self._name_of(output)
        place = self._places.get(hash(name))
        entry = None if place is None else self._file.entry_at(place)
        return entry if entry is not None and entry.output == name else None

    def last_model(self) -> dict[str, str] | None:
        """Name and sha256 of the model that made the last output; None where nothing is done."""
        if not self._places:
            return None
        entry = self._file.entry_at(max(self._places.values()))
        return None if entry is None else entry.model

    def is_of_this_run(self, entry: ManifestEntry) -> bool:
        """Whether an entry has this run's model and settings."""
        return entry.model == self.model and entry.settings == self._settings

    def append(self, outcomes: Sequence[Outcome]) -> None:
        """Record outcomes, in one write.

        Raises
        ------
        UnwritableError
            The disk is full, or the like; the file is left as it was.
        """
        lines = [self._line_of(outcome) for outcome in outcomes]
        with self._appending:
            place = self._file.append(b"".join(lines))
            for outcome, line in zip(outcomes, lines, strict=True):
                if outcome.status is Status.DONE and outcome.job.output is not None:
                    self._places[hash(self._name_of(outcome.job.output))] = place
                place += len(line)

    def append_passed_over(self, source: str, passed_over: Mapping[str, int]) -> None:
        """Record how many files of which endings were passed over; after outcomes, if there were any.

        Nothing is written if the manifest is `read_only`, or cannot be.
        """
        if self._read_only or not passed_over:
            return
        entry = {
            "source": source,
            "status": "passed over",
            "passed_over": dict(passed_over),
            "finished_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        with self._appending, suppress(UnwritableError):
            self._file.append((json.dumps(entry, ensure_ascii=True) + "\n").encode())

    def restamp(self, entry: ManifestEntry, job: Job, source: os.stat_result) -> None:
        """Record that an output stands, made of the same bytes, which have another place or time.

        Nothing is written if the manifest is `read_only`, or cannot be.
        """
        if self._read_only:
            return
        with suppress(UnwritableError):
            self.append(
                [
                    Outcome(
                        job=job,
                        status=Status.DONE,
                        reason="finished before",
                        source_bytes=source.st_size,
                        source_mtime_ns=source.st_mtime_ns,
                        source_sha256=entry.source_sha256,
                        output_bytes=entry.output_bytes,
                        output_sha256=entry.output_sha256,
                    )
                ]
            )

    @property
    def is_in_place(self) -> bool:
        """Whether the file is still found under its name."""
        return self._file.is_in_place

    def close(self) -> None:
        """Close the file; idempotent."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _line_of(self, outcome: Outcome) -> bytes:
        job = outcome.job
        assert job.output is not None
        entry = {
            "source": str(job.source),
            "source_path": location_of(job.source),
            "output": self._name_of(job.output),
            "status": outcome.status.value,
            "reason": outcome.reason,
            **({"notes": list(outcome.notes)} if outcome.notes else {}),
            "width": outcome.width,
            "height": outcome.height,
            "source_bytes": outcome.source_bytes,
            "source_mtime_ns": outcome.source_mtime_ns,
            "source_sha256": outcome.source_sha256,
            "output_bytes": outcome.output_bytes,
            "output_sha256": outcome.output_sha256,
            "model": self.model,
            "settings": self._settings,
            "timings_ms": {name: round(ms, 3) for name, ms in outcome.timings_ms.items()},
            "finished_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        return (json.dumps(entry, ensure_ascii=True) + "\n").encode()

    def _name_of(self, output: Path) -> str:
        text, folder = str(output), f"{self.path.parent}{os.sep}"
        return (
            text.removeprefix(folder) if text.startswith(folder) else os.path.relpath(text, folder)
        )
