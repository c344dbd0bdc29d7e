"""Find photographs in folders, globs and tar archives."""

from __future__ import annotations

import glob
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...errors import DatasetError

PHOTO_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".avif"})
TAR_SUFFIXES: Final = (".tar", ".tar.gz", ".tgz")


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph as found: its name, its group (source) and how to get its bytes."""

    name: str
    group: str
    read: Callable[[], bytes]


def find_photos(sources: Sequence[str]) -> Iterator[Photo]:
    """Every photograph under the sources, in a stable order.

    A photograph's group is the part of its name before two underscores, else its folder's name.

    Parameters
    ----------
    sources
        Folders (recursive), glob patterns, picture files and tar archives, in any mixture.

    Raises
    ------
    DatasetError
        A source does not exist, or a tar archive is damaged or unreadable.
    """
    for source in sources:
        for path in _files_of(source):
            if path.name.lower().endswith(TAR_SUFFIXES):
                yield from _photos_in_tar(path)
            elif path.suffix.lower() in PHOTO_SUFFIXES:
                yield Photo(path.name, _group(path.name, path.parent.name), path.read_bytes)


def _files_of(source: str) -> list[Path]:
    path = Path(source)
    if path.is_dir():
        return sorted(found for found in path.rglob("*") if found.is_file())
    if path.exists():
        return [path]
    matches = sorted(Path(match) for match in glob.glob(source, recursive=True))
    if not matches:
        raise DatasetError(f"{source}: no such folder, file, tar or glob match")
    return matches


def _photos_in_tar(path: Path) -> Iterator[Photo]:
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = Path(member.name)
                if name.suffix.lower() not in PHOTO_SUFFIXES:
                    continue
                stream = archive.extractfile(member) if member.isfile() else None
                if stream is not None:
                    group = _group(name.name, name.parent.name or path.stem)
                    yield Photo(name.name, group, stream.read)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise DatasetError(f"{path}: cannot read the archive: {error}") from error


def _group(name: str, folder: str) -> str:
    source, separator, _ = name.partition("__")
    return source if separator else folder
