"""Where a file is found, however its path is spelled."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path


def location_of(path: Path | str) -> str:
    """Return a file's path from the root, with the links of its folder resolved, not its own."""
    parent, name = os.path.split(path)
    return os.path.join(_resolved_folder(parent, os.getcwd()), name)  # noqa: PTH109, PTH118


@lru_cache(maxsize=1024)
def _resolved_folder(folder: str, _working_directory: str) -> str:
    return os.path.realpath(folder)
