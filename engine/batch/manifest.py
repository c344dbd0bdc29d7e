"""The record of a run beside its outputs, which makes `--resume` possible."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ...errors import UnwritableError
from .job import Job, Outcome, Status

MANIFEST_NAME: Final = "colorize-batch.jsonl"


class Manifest:
    """A JSON Lines file, one object a picture, appended to by every run.

    Each line goes out in one write, and a line that a crash cut short is removed when the file is
    opened again; so every line is whole.

    Parameters
    ----------
    path
        Made if missing, with its folder.
    model
        Name and sha256 of the model file.
    settings
        What the outputs depend on besides source and model; a change makes `is_finished` false.

    Raises
    ------
    UnwritableError
        The file or its folder cannot be made or written.
    """

    def __init__(self, path: Path, *, model: dict[str, str], settings: dict[str, Any]) -> None:
        self.path = path
        self._model = model
        self._settings = settings
        self._finished: dict[str, dict[str, Any]] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            self._mend_and_load()
        except OSError as error:
            raise UnwritableError(f"cannot write {path}: {error.strerror}") from error

    def is_finished(self, job: Job) -> bool:
        """Whether the job was done, with this model and these settings, and its files still stand.

        The source must have the size and time of change, the output the size, that were recorded.
        """
        if job.output is None:
            return False
        entry = self._finished.get(self._output_key(job.output))
        if entry is None or entry["model"] != self._model or entry["settings"] != self._settings:
            return False
        try:
            return (
                entry["source"] == str(job.source)
                and _stamp(job.source) == (entry["source_bytes"], entry["source_mtime_ns"])
                and job.output.stat().st_size == entry["output_bytes"]
            )
        except (OSError, KeyError):
            return False

    def append(self, outcome: Outcome) -> None:
        """Record an outcome.

        Raises
        ------
        UnwritableError
            The disk is full, or the like; the file is left as it was.
        """
        job = outcome.job
        assert job.output is not None
        try:
            source_bytes, source_mtime_ns = _stamp(job.source)
        except OSError:
            source_bytes, source_mtime_ns = 0, 0
        entry = {
            "source": str(job.source),
            "output": self._output_key(job.output),
            "status": outcome.status.value,
            "reason": outcome.reason,
            "width": outcome.width,
            "height": outcome.height,
            "source_bytes": source_bytes,
            "source_mtime_ns": source_mtime_ns,
            "source_sha256": outcome.source_sha256,
            "output_bytes": outcome.output_bytes,
            "output_sha256": outcome.output_sha256,
            "model": self._model,
            "settings": self._settings,
            "timings_ms": {name: round(ms, 3) for name, ms in outcome.timings_ms.items()},
            "finished_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        line = (json.dumps(entry, ensure_ascii=True) + "\n").encode()
        size = os.fstat(self._file).st_size
        try:
            written = os.write(self._file, line)
            if written != len(line):
                raise OSError(28, "no space left on the device")
        except OSError as error:
            os.ftruncate(self._file, size)
            raise UnwritableError(f"cannot write {self.path}: {error.strerror}") from error
        self._remember(entry)

    def close(self) -> None:
        """Close the file; idempotent."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _mend_and_load(self) -> None:
        with open(self.path, "rb") as lines:
            sound = 0
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                sound += len(line)
                try:
                    self._remember(json.loads(line))
                except ValueError:
                    continue
        os.ftruncate(self._file, sound)

    def _remember(self, entry: Any) -> None:
        if not isinstance(entry, dict) or "output" not in entry:
            return
        if entry.get("status") == Status.DONE:
            self._finished[entry["output"]] = entry
        elif entry.get("status") == Status.FAILED:
            self._finished.pop(entry["output"], None)

    def _output_key(self, output: Path) -> str:
        return os.path.relpath(output, self.path.parent)


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
