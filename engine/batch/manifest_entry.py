"""One line of a manifest, read as data from outside: it may be anybody's."""

from __future__ import annotations

import json
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
