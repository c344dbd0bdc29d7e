"""What a run recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from colorize_batch.training.trainer import METRICS_NAME


def measured_lines(run_dir: Path) -> list[dict[str, Any]]:
    """The lines of the run's record."""
    return [json.loads(line) for line in (run_dir / METRICS_NAME).read_text().splitlines()]
