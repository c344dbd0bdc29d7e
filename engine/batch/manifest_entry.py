"""One line of a manifest, read as data from outside: it may be anybody's."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from .job import Status

MAX_LINE_BYTES: Final = 1 << 20
"""Longer lines are nobody's: a path has at most 4096 bytes, and a line two of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestEntry:
    """What a line says of a picture that was done, failed or was left out.

    Parameters
    ----------
    source
        As it was spelled in that run.
    source_path
        Where it was found, from the root; empty in lines of version 0.1.
    output
        Relative to the manifest's folder.
    status
        What became of it.
    source_bytes, source_mtime_ns, source_sha256
        Of the very bytes that were read.
    output_bytes, output_sha256
        Of the file that was written.
    model, settings
        What the output depends on besides the source.
    """

    source: str
    source_path: str
    output: str
    status: Status
    source_bytes: int
    source_mtime_ns: int
    source_sha256: str
    output_bytes: int
    output_sha256: str
    model: dict[str, Any]
    settings: dict[str, Any]

    @classmethod
    def from_line(cls, line: bytes) -> ManifestEntry | None:
        """Read a line; None where it is not one that `Manifest` writes."""
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(fields, dict):
            return None
        values: dict[str, Any] = {}
        for name, kind in _FIELDS.items():
            value = fields.get(name, "" if name == "source_path" else None)
            if type(value) is not kind:
                return None
            values[name] = value
        try:
            values["status"] = Status(values["status"])
        except ValueError:
            return None
        return cls(**values)


def output_of_done_line(line: bytes) -> str | None:
    """Return the output that a line says is done; None where it must be parsed to know.

    It tells a plain line as `Manifest` writes them from all else, in a fifth of the time that
    `ManifestEntry.from_line` takes.
    """
    found = _DONE_LINE.fullmatch(line)
    return found["output"].decode("ascii") if found else None


_TEXT: Final = rb'"[^"\\\x00-\x1f\x80-\xff]*"'
_NUMBER: Final = rb"[0-9]{1,19}"
_FLAT: Final = rb"\{[^{}\[\]\\\x00-\x1f\x80-\xff]*\}"
_DONE_LINE: Final = re.compile(
    rb"\{"
    + rb", ".join(
        rb'"' + name + rb'": ' + value
        for name, value in {
            b"source": _TEXT,
            b"source_path": _TEXT,
            b"output": rb'"(?P<output>[^"\\\x00-\x1f\x80-\xff]*)"',
            b"status": b'"done"',
            b"reason": _TEXT,
            b"width": _NUMBER,
            b"height": _NUMBER,
            b"source_bytes": _NUMBER,
            b"source_mtime_ns": _NUMBER,
            b"source_sha256": _TEXT,
            b"output_bytes": _NUMBER,
            b"output_sha256": _TEXT,
            b"model": _FLAT,
            b"settings": _FLAT,
            b"timings_ms": _FLAT,
            b"finished_at": _TEXT,
        }.items()
    )
    + rb"\}\n"
)
_FIELDS: Final[dict[str, type]] = {
    "source": str,
    "source_path": str,
    "output": str,
    "status": str,
    "source_bytes": int,
    "source_mtime_ns": int,
    "source_sha256": str,
    "output_bytes": int,
    "output_sha256": str,
    "model": dict,
    "settings": dict,
}
