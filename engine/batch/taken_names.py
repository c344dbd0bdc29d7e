"""The names that outputs of a run may not have: those of its sources, and of one another."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from .location import location_of


class TakenNames:
    """Finds outputs that would replace a source of the run, or each other.

    Names are compared with the links of their folders resolved: two folders of DST may be one, and
    DST may be a folder of originals.

    Parameters
    ----------
    sources
        All sources of the run.
    """

    def __init__(self, sources: Iterable[Path]) -> None:
        self._sources = set()
        for source in sources:
            self._sources.add(location_of(source))
            if source.is_symlink():
                self._sources.add(os.path.realpath(source))
        self._outputs: set[str] = set()

    def take(self, output: Path) -> str:
        """Take a name for an output; say in words what else has it, or nothing if it is free."""
        location = location_of(output)
        if location in self._sources:
            return f"its output {output} is a source of this run; sources are never written over"
        if location in self._outputs:
            return f"another source has the same output {output}; rename one of them"
        self._outputs.add(location)
        return ""
