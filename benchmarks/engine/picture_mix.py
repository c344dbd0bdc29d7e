"""Which pictures to measure with: their sizes and formats."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ...engine.pictures.formats import FORMATS
from ...engine.pictures.natural_picture import natural_picture
from ...engine.pictures.pixel_picture import PixelPicture
from ...errors import UsageError

MIN_MEGAPIXELS: Final = 0.001
MAX_MEGAPIXELS: Final = 200.0
_QUALITY: Final = 90
# One scene for each: the network meets several working shapes, as it does in an album.
_ASPECTS: Final = (4 / 3, 3 / 2, 3 / 4, 2 / 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMix:
    """Natural gray pictures of some sizes, each in some formats; all equally often.

    Parameters
    ----------
    megapixels
        Sizes.
    formats
        Names in `FORMATS`.

    Raises
    ------
    UsageError
        No sizes or formats, a size out of range or an unknown format.
    """

    megapixels: tuple[float, ...]
    formats: tuple[str, ...]

    def __post_init__(self) -> None:
        for size in self.megapixels:
            if not MIN_MEGAPIXELS <= size <= MAX_MEGAPIXELS:
                raise UsageError(
                    f"sizes: expected {MIN_MEGAPIXELS:g}..{MAX_MEGAPIXELS:g} megapixels, got {size:g}"
                )
        for name in self.formats:
            if name not in FORMATS:
                raise UsageError(f"formats: expected {', '.join(FORMATS)}, got {name!r}")
        if not self.megapixels or not self.formats:
            raise UsageError("expected at least one size and one format")

    @classmethod
    def parsed(cls, sizes: str, formats: str) -> Self:
        """Read "2" or "0.25+2+12", and "jpg" or "jpg+png"."""
        try:
            megapixels = tuple(float(size) for size in sizes.split("+"))
        except ValueError:
            raise UsageError(
                f"sizes: expected megapixels like 2 or 0.25+12, got {sizes!r}"
            ) from None
        return cls(megapixels=megapixels, formats=tuple(formats.split("+")))

    @property
    def label(self) -> str:
        """Label of the mix, which also finds its match in another report."""
        return f"{'+'.join(f'{size:g}' for size in self.megapixels)} MP {'+'.join(self.formats)}"

    def files_in(self, folder: Path) -> tuple[Path, ...]:
        """The pictures' files; those that are not in the folder yet are made."""
        return tuple(
            _file(folder, seed, size, name)
            for seed in range(len(_ASPECTS))
            for size in self.megapixels
            for name in self.formats
        )


def _file(folder: Path, seed: int, megapixels: float, format_name: str) -> Path:
    path = folder / f"{megapixels:g}-megapixels-{seed}{FORMATS[format_name].suffixes[0]}"
    if not path.exists():
        picture = PixelPicture(pixels=_scene(seed, megapixels))
        path.write_bytes(picture.encoded(FORMATS[format_name], _QUALITY))
    return path


@lru_cache(maxsize=1)  # the formats of one scene follow each other
def _scene(seed: int, megapixels: float) -> NDArray[np.uint8]:
    height = math.sqrt(megapixels * 1e6 / _ASPECTS[seed])
    return natural_picture(round(height), round(height * _ASPECTS[seed]), seed)
