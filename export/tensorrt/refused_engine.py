"""Memory of an engine that could not be built or loaded, so that it is not tried again at every start."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Final

from ...engine.atomic_write import write_atomically
from ...errors import BackendError, UnwritableError, first_line

REFUSED_SUFFIX: Final = ".refused"  # beside the engine; its name holds model, versions and GPU


def check_not_refused(engine_path: Path, driver_version: int) -> None:
    """Raise BackendError with the old reason if this engine failed before under the same driver."""
    try:
        memory = json.loads(engine_path.with_suffix(REFUSED_SUFFIX).read_text("utf-8"))
        reason, driver = str(memory["reason"]), memory["driver_version"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    if driver == driver_version:
        raise BackendError(
            f"{reason} (as on an earlier try; colorize-export cache clear forgets it)"
        )


def remember_refusal(engine_path: Path, driver_version: int, error: Exception) -> None:
    """Keep why an engine failed; where that cannot be written, the next start tries again."""
    memory = {"driver_version": driver_version, "reason": first_line(error)}
    with suppress(UnwritableError):
        write_atomically(
            engine_path.with_suffix(REFUSED_SUFFIX), json.dumps(memory).encode("utf-8")
        )
