"""`colorize-train data prepare`: photographs from folders, globs and tars into one fast cache."""

from __future__ import annotations

import glob
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyvips

from ...errors import DatasetError
from .photo_cache import INDEX_NAME, PIXELS_NAME, CachedPhoto, PhotoCache

PHOTO_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".avif"})


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph as found: its name, its group (source) and how to get its bytes."""

    name: str
    group: str
    read: Callable[[], bytes]


def prepare(
    sources: Sequence[str],
    cache_dir: Path,
    *,
    short_side: int = 288,
    on_skip: Callable[[str, str], None] = lambda name, reason: None,
    on_photo: Callable[[str], None] = lambda name: None,
) -> PhotoCache:
    """Decode photographs once and store them as one flat file of 8-bit sRGB pixels.

    Parameters
    ----------
    sources
        Folders (recursive), glob patterns, picture files and tar archives, in any mixture.
    cache_dir
        Written to; made if missing. An older cache there is replaced.
    short_side
        Pixels; larger photographs are reduced to it, smaller ones are kept.
    on_skip
        Called with (name, reason) for a file that could not be read; the rest goes on.
    on_photo
        Called with the name of each stored photograph.

    Raises
    ------
    DatasetError
        A source does not exist, nothing usable was found, or the cache cannot be written.
    """
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        return _write_cache(sources, cache_dir, short_side, on_skip, on_photo)
    except OSError as error:
        raise DatasetError(f"{cache_dir}: cannot write the cache: {error}") from error


def _write_cache(
    sources: Sequence[str],
    cache_dir: Path,
    short_side: int,
    on_skip: Callable[[str, str], None],
    on_photo: Callable[[str], None],
) -> PhotoCache:
    photos: list[CachedPhoto] = []
    offset = 0
    partial = cache_dir / f"{PIXELS_NAME}.partial"
    with partial.open("wb") as pixels:
        for photo in find_photos(sources):
            try:
                rgb_u8_hwc = _decode(photo.read(), short_side)
            except (pyvips.Error, OSError, ValueError) as error:
                on_skip(photo.name, str(error).strip().splitlines()[0])
                continue
            pixels.write(rgb_u8_hwc.tobytes())
            height, width, _ = rgb_u8_hwc.shape
            photos.append(CachedPhoto(photo.name, photo.group, offset, height, width))
            offset += rgb_u8_hwc.size
            on_photo(photo.name)
    if not photos:
        partial.unlink()
        raise DatasetError(
            f"no readable photograph in {', '.join(sources)}; "
            f"expected files ending in {' '.join(sorted(PHOTO_SUFFIXES))}, or tars of them"
        )
    index = {
        "short_side": short_side,
        "photos": [[p.name, p.group, p.offset, p.height, p.width] for p in photos],
    }
    index_partial = cache_dir / f"{INDEX_NAME}.partial"
    index_partial.write_text(json.dumps(index))
    os.replace(partial, cache_dir / PIXELS_NAME)
    os.replace(index_partial, cache_dir / INDEX_NAME)
    return PhotoCache(cache_dir)


def find_photos(sources: Sequence[str]) -> Iterator[Photo]:
    """Every photograph under the sources, in a stable order.

    A photograph's group is the part of its name before two underscores, else its folder's name.

    Raises
    ------
    DatasetError
        A source does not exist.
    """
    for source in sources:
        path = Path(source)
        if path.is_dir():
            paths = sorted(p for p in path.rglob("*") if p.is_file())
        elif path.exists():
            paths = [path]
        else:
            paths = sorted(Path(match) for match in glob.glob(source, recursive=True))
            if not paths:
                raise DatasetError(f"{source}: no such folder, file, tar or glob match")
        for found in paths:
            if tarfile_suffix(found):
                yield from _photos_in_tar(found)
            elif found.suffix.lower() in PHOTO_SUFFIXES:
                yield Photo(found.name, _group(found.name, found.parent.name), found.read_bytes)


def tarfile_suffix(path: Path) -> bool:
    """Whether the name says it is a tar archive."""
    return path.name.lower().endswith((".tar", ".tar.gz", ".tgz"))


def _photos_in_tar(path: Path) -> Iterator[Photo]:
    with tarfile.open(path) as archive:
        for member in archive:
            name = Path(member.name)
            if not member.isfile() or name.suffix.lower() not in PHOTO_SUFFIXES:
                continue
            stream = archive.extractfile(member)
            if stream is not None:
                yield Photo(name.name, _group(name.name, name.parent.name or path.stem), stream.read)


def _group(name: str, folder: str) -> str:
    source, separator, _ = name.partition("__")
    return source if separator else folder


def _decode(encoded: bytes, short_side: int) -> np.ndarray:
    """(H, W, 3) u8 sRGB, upright, on white where transparent, reduced to `short_side`."""
    image = pyvips.Image.new_from_buffer(encoded, "").autorot()
    shrink = min(image.width, image.height) / short_side
    if shrink > 1:
        width, height = round(image.width / shrink), round(image.height / shrink)
        image = pyvips.Image.thumbnail_buffer(encoded, width, height=height, size="force")
    image = image.colourspace("srgb")
    if image.hasalpha():
        image = image.flatten(background=255)
    return np.ascontiguousarray(image.cast("uchar").numpy())
