"""Find photographs in folders, globs, tar archives and shards, and CIFAR-10."""

from __future__ import annotations

import glob
import re
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ...errors import DatasetError
from .braces import expanded_braces
from .cifar10 import cifar10_archive, photos_in_cifar10
from .photo import Photo

PHOTO_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".avif"})
TAR_SUFFIXES: Final = (".tar", ".tar.gz", ".tgz")
CIFAR10: Final = "cifar10"
CIFAR10_ARCHIVE: Final = "cifar-10-python"
TEST_SPLIT: Final = "#test"
_SHARD_NUMBER: Final = re.compile(r"[-_.]\d{3,}$")


def find_photos(sources: Sequence[str]) -> Iterator[Photo]:
    """Every photograph under the sources, in a stable order.

    A photograph's group is the part of its name before two underscores, else its folder's name; in
    an archive without folders that of the archive, less the number of a shard; in CIFAR-10 its
    class.

    Parameters
    ----------
    sources
        Folders (recursive), glob patterns, picture files, tar archives and sets of them
        (`shards-{000..009}.tar`), archives of CIFAR-10 by the name that their makers gave them, and
        `cifar10`, which is fetched; in any mixture. Of shards only the pictures are taken, not
        what lies beside them. `#test` after a CIFAR-10 takes its photographs for tests.

    Raises
    ------
    DatasetError
        A source does not exist or cannot be fetched, or an archive is damaged or unreadable.
    """
    for source in sources:
        name = source.removesuffix(TEST_SPLIT)
        if name == CIFAR10 and not Path(name).exists():
            yield from photos_in_cifar10(cifar10_archive(), test=name != source)
            continue
        if not Path(name).name.startswith(CIFAR10_ARCHIVE):
            name = source
        for path in _files_of(name):
            if path.name.startswith(CIFAR10_ARCHIVE):
                yield from photos_in_cifar10(path, test=name != source)
            elif path.name.lower().endswith(TAR_SUFFIXES):
                yield from _photos_in_tar(path)
            elif path.suffix.lower() in PHOTO_SUFFIXES:
                yield Photo(path.name, _group(path.name, path.parent.name), path.read_bytes)


def _files_of(source: str) -> list[Path]:
    path = Path(source)
    if path.is_dir():
        return sorted(found for found in path.rglob("*") if found.is_file())
    if path.exists():
        return [path]
    matches: list[Path] = []
    for pattern in expanded_braces(source):
        found = sorted(Path(match) for match in glob.glob(pattern, recursive=True))
        if not found:
            raise DatasetError(f"{pattern}: no such folder, file, tar or glob match")
        matches += found
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
                    group = _group(name.name, name.parent.name or _SHARD_NUMBER.sub("", path.stem))
                    yield Photo(name.name, group, stream.read)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise DatasetError(f"{path}: cannot read the archive: {error}") from error


def _group(name: str, folder: str) -> str:
    source, separator, _ = name.partition("__")
    return source if separator else folder
