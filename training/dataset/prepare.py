"""`colorize-train data prepare`: photographs decoded once into one fast cache."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from ...errors import DatasetError, UnreadableError, UsageError
from .decode import decode_photo
from .find_photos import PHOTO_SUFFIXES, find_photos
from .photo_cache import INDEX_NAME, PIXELS_NAME, CachedPhoto, PhotoCache

SHORT_SIDE = 288


def prepare(
    sources: Sequence[str],
    cache_dir: Path,
    *,
    short_side: int = SHORT_SIDE,
    on_skip: Callable[[str, str], None] = lambda _name, _reason: None,
    on_photo: Callable[[str], None] = lambda _name: None,
) -> PhotoCache:
    """Decode photographs and store them as one flat file of 8-bit sRGB pixels, with an index.

    Parameters
    ----------
    sources
        What `find_photos` takes.
    cache_dir
        Written to; made if missing. An older cache there is replaced when the new one is whole.
    short_side
        Pixels; larger photographs are reduced to it, smaller ones are kept.
    on_skip
        Called with (name, reason) for a file that could not be read; the rest goes on.
    on_photo
        Called with the name of each stored photograph.

    Raises
    ------
    UsageError
        `short_side` is under 32.
    DatasetError
        A source does not exist, nothing usable was found, or the cache cannot be written.
    """
    if short_side < 32:
        raise UsageError(f"short side {short_side}: expected at least 32 pixels")
    pixels_path, index_path = cache_dir / PIXELS_NAME, cache_dir / INDEX_NAME
    partial = pixels_path.with_suffix(".partial")
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as pixels:
            photos = _store(sources, pixels, short_side, on_skip, on_photo)
        if not photos:
            raise DatasetError(
                f"no readable photograph in {', '.join(sources)}; "
                f"expected files ending in {' '.join(sorted(PHOTO_SUFFIXES))}, or tars of them, or CIFAR-10"
            )
        # Without its index a cache is none: a kill between these lines leaves no mixed one.
        index_path.unlink(missing_ok=True)
        partial.replace(pixels_path)
        rows = [[p.name, p.group, p.offset, p.height, p.width] for p in photos]
        partial.write_text(json.dumps({"short_side": short_side, "photos": rows}))
        partial.replace(index_path)
    except OSError as error:
        raise DatasetError(f"{cache_dir}: cannot write the cache: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
    return PhotoCache(cache_dir)


def _store(
    sources: Sequence[str],
    pixels: BinaryIO,
    short_side: int,
    on_skip: Callable[[str, str], None],
    on_photo: Callable[[str], None],
) -> list[CachedPhoto]:
    photos: list[CachedPhoto] = []
    offset = 0
    for photo in find_photos(sources):
        try:
            rgb_u8_hwc = decode_photo(photo.read(), short_side=short_side)
        except (UnreadableError, OSError) as error:
            on_skip(photo.name, str(error))
            continue
        pixels.write(rgb_u8_hwc.data)
        height, width, _ = rgb_u8_hwc.shape
        photos.append(CachedPhoto(photo.name, photo.group, offset, height, width))
        offset += rgb_u8_hwc.size
        on_photo(photo.name)
    return photos
