"""Folders that systems keep beside photographs: thumbnails, bins, snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import Final

# Names in lower case, with whose they are.
SYSTEM_FOLDERS: Final[dict[str, str]] = {
    "@eadir": "Synology thumbnails",
    "@tmp": "Synology",
    "@recycle": "QNAP's bin",
    "@recently-snapshot": "QNAP's snapshots",
    "#recycle": "Synology's bin",
    "#snapshot": "Synology's snapshots",
    "$recycle.bin": "Windows' bin",
    "recycler": "Windows' bin",
    "recycled": "Windows' bin",
    "system volume information": "Windows",
    "__macosx": "macOS archives",
    "lost+found": "Linux",
    "lightroom previews.lrdata": "Lightroom previews",
}
_SUFFIXES: Final = (".lrdata", ".lrprev", ".photoslibrary", ".aplibrary")
_PREFIXES: Final = (".trash", "found.0")


def is_system_folder(folder: Path) -> bool:
    """Whether a folder holds copies and leavings of a system, by its name."""
    name = folder.name.lower()
    return name in SYSTEM_FOLDERS or name.endswith(_SUFFIXES) or name.startswith(_PREFIXES)


def passed_over_note(folders: list[Path]) -> str:
    """One line that names them; empty for none."""
    if not folders:
        return ""
    names = sorted({folder.name for folder in folders}, key=str.lower)
    count = f"{len(folders)} folders are" if len(folders) > 1 else "a folder is"
    return f"{count} passed over as a system's own: {', '.join(names)}; name one as SRC to take it"
