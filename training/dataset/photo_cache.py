"""The cache that `prepare` writes: photographs in one flat file, mapped into memory."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...errors import DatasetError
from .compact_pixels import pixels_of_compact

PIXELS_NAME: Final = "rgb_u8.bin"
COMPACT_NAME: Final = "compact.bin"
INDEX_NAME: Final = "index.json"


@dataclass(frozen=True, slots=True)
class CachedPhoto:
    """Place of one photograph in the flat file: offset and length in bytes, size in pixels."""

    name: str
    group: str
    offset: int
    height: int
    width: int
    length: int


class PhotoCache:
    """Photographs by number, as (H, W, 3) u8 sRGB.

    They lie in one mapped file: as pixels, which are viewed in place, or compact (`compact_photo`), which
    takes a twentieth of the space and is decoded every time.

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
            self._compact = bool(index.get("compact", False))
            name = COMPACT_NAME if self._compact else PIXELS_NAME
            self._bytes = np.memmap(cache_dir / name, dtype=np.uint8, mode="r")
            rows = [row if len(row) > 5 else [*row, row[3] * row[4] * 3] for row in index["photos"]]
            self.photos = [CachedPhoto(*row) for row in rows]
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise DatasetError(
                f"{cache_dir}: no photo cache ({error}); "
                f"make one with: colorize-train data prepare PHOTOS {cache_dir}"
            ) from error
        ends = [photo.offset + photo.length for photo in self.photos]
        if ends[-1:] != [self._bytes.size]:
            raise DatasetError(f"{cache_dir}: the cache is incomplete; prepare it again")

    def __len__(self) -> int:
        return len(self.photos)

    def rgb_u8(self, index: int) -> NDArray[np.uint8]:
        """Give photograph `index` as (H, W, 3) sRGB, read-only; the cache owns the memory.

        Raises
        ------
        DatasetError
            A compact photograph is damaged.
        MissingDependencyError
            The cache is compact and Pillow is not installed.
        """
        photo = self.photos[index]
        flat = np.asarray(self._bytes[photo.offset : photo.offset + photo.length])
        if not self._compact:
            return flat.reshape(photo.height, photo.width, 3)
        rgb_u8_hwc = pixels_of_compact(flat.tobytes())
        rgb_u8_hwc.flags.writeable = False
        return rgb_u8_hwc

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
