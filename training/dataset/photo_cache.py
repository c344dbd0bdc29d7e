"""The cache that `prepare` writes: decoded photographs in one flat file, mapped into memory."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...errors import DatasetError

PIXELS_NAME: Final = "rgb_u8.bin"
INDEX_NAME: Final = "index.json"


@dataclass(frozen=True, slots=True)
class CachedPhoto:
    """Place of one photograph in the flat file: offset in bytes, size in pixels."""

    name: str
    group: str
    offset: int
    height: int
    width: int


class PhotoCache:
    """Photographs as (H, W, 3) u8 sRGB views into one mapped file.

    Parameters
    ----------
    cache_dir
        A folder written by `colorize-train data prepare`.

    Raises
    ------
    DatasetError
        There is no cache, or its two files do not fit each other.
    """

    def __init__(self, cache_dir: Path) -> None:
        self.cache_dir = cache_dir
        try:
            index = json.loads((cache_dir / INDEX_NAME).read_text())
            self._pixels = np.memmap(cache_dir / PIXELS_NAME, dtype=np.uint8, mode="r")
            self.photos = [CachedPhoto(*row) for row in index["photos"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DatasetError(
                f"{cache_dir}: no photo cache ({error}); "
                f"make one with: colorize-train data prepare PHOTOS {cache_dir}"
            ) from error
        ends = [photo.offset + photo.height * photo.width * 3 for photo in self.photos]
        if ends[-1:] != [self._pixels.size]:
            raise DatasetError(f"{cache_dir}: the cache is incomplete; prepare it again")

    def __len__(self) -> int:
        return len(self.photos)

    def rgb_u8(self, index: int) -> NDArray[np.uint8]:
        """View photograph `index` as (H, W, 3) sRGB, read-only; the cache owns the memory."""
        photo = self.photos[index]
        size = photo.height * photo.width * 3
        flat = self._pixels[photo.offset : photo.offset + size]
        return np.asarray(flat).reshape(photo.height, photo.width, 3)

    def name_hash(self, index: int) -> int:
        """Make a number, 0 to 2**63 - 1, from a photograph's name alone and not as `split` does."""
        return int.from_bytes(_digest(self.photos[index])[8:16], "big") >> 1

    def split(self, validation_share: float) -> tuple[list[int], list[int]]:
        """Split indices into (training, validation) by a hash of the name: stable over reruns."""
        training: list[int] = []
        validation: list[int] = []
        for index, photo in enumerate(self.photos):
            share = int.from_bytes(_digest(photo)[:8], "big") / 2**64
            (validation if share < validation_share else training).append(index)
        return training, validation


def _digest(photo: CachedPhoto) -> bytes:
    return hashlib.sha256(photo.name.encode()).digest()
