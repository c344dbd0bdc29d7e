"""A benchmark's results, to keep as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from ...engine.atomic_write import write_atomically
from ...errors import UsageError, first_line
from .efficiency import Efficiency
from .end_to_end import EndToEnd
from .growth import Growth
from .machine import Machine
from .run_report import RunReport
from .stage_rates import StageRate
from .statistics import Percentiles, PowerLaw

SCHEMA: Final = "colorize-bench/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that `colorize-bench` measured.

    Parameters
    ----------
    date
        Of the start, ISO 8601, UTC.
    machine
        What it ran on.
    model, model_sha256
        File's name, and digest.
    repeats
        Measurements behind each median.
    scratch
        Where the pictures lay: "memory" or "disk".
    start_up_s
        Seconds from the start of `colorize-batch` to its first output.
    runs
        A workload each.
    growths
        Fitted over the runs.
    """

    date: str
    machine: Machine
    model: str
    model_sha256: str
    repeats: int
    scratch: str
    start_up_s: float
    runs: tuple[RunReport, ...]
    growths: tuple[Growth, ...]

    def write(self, path: Path) -> None:
        """Keep as JSON; raises UnwritableError."""
        text = json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1)
        write_atomically(path, (text + "\n").encode())

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote.

        Raises
        ------
        UsageError
            Not there, not a report, or one of another version.
        """
        try:
            entries = json.loads(path.read_text())
            if entries.pop("schema") != SCHEMA:
                raise KeyError
            entries["machine"] = Machine(**entries["machine"])
            entries["runs"] = tuple(map(_run, entries["runs"]))
            entries["growths"] = tuple(map(_growth, entries["growths"]))
            return cls(**entries)
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {first_line(error)}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{path}: expected a report that this version's colorize-bench --json wrote"
            ) from error


def _run(entries: Mapping[str, Any]) -> RunReport:
    whole = entries["end_to_end"]
    return RunReport(
        **{
            **entries,
            "end_to_end": EndToEnd(**{**whole, "latency_ms": Percentiles(**whole["latency_ms"])}),
            "stages": tuple(StageRate(**stage) for stage in entries["stages"]),
            "efficiency": Efficiency(**entries["efficiency"]),
        }
    )


def _growth(entries: Mapping[str, Any]) -> Growth:
    return Growth(
        **{
            **entries,
            "sizes": tuple(entries["sizes"]),
            "costs": tuple(entries["costs"]),
            "law": PowerLaw(**entries["law"]),
        }
    )
