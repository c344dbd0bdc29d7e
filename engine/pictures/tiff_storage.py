"""How a TIFF stores its pixels: compression, tiles and smaller copies below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

from .metadata.tiff_directory import TiffDirectory, pages_of

_COMPRESSION, _TILE_WIDTH, _TILE_HEIGHT, _SUBFILE, _WIDTH = 259, 322, 323, 254, 256
_REDUCED: Final = 1  # bit of NewSubfileType, TIFF 6.0
# Numbers of TIFF 6.0 and of libtiff; those that are missing hold one bit, or are not written.
_NAMES: Final = {
    1: "none", 5: "lzw", 7: "jpeg", 8: "deflate", 32946: "deflate", 32773: "packbits",
}  # fmt: skip
_DEFAULT: Final = "deflate"
# Sides of tiles must be multiples of this; a level of a pyramid is half of the one before.
_TILE_STEP: Final = 16
_HALF: Final = (0.4, 0.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffStorage:
    """Storage of one page.

    Parameters
    ----------
    compression
        As libvips calls it.
    tile
        (height, width) of tiles; None for strips.
    is_pyramid
        Whether smaller copies follow, each half of the one before.
    """

    compression: str = _DEFAULT
    tile: tuple[int, int] | None = None
    is_pyramid: bool = False

    @classmethod
    def of(cls, tiff: bytes, page: TiffDirectory) -> Self:
        """Storage of a page of a TIFF file."""
        tile = page.number(_TILE_HEIGHT), page.number(_TILE_WIDTH)
        is_tiled = min(tile) > 0 and not any(side % _TILE_STEP for side in tile)
        width = page.number(_WIDTH)
        low, high = (share * width for share in _HALF)
        is_pyramid = any(
            other.number(_SUBFILE) & _REDUCED
            and _TILE_WIDTH in other.values
            and low <= other.number(_WIDTH) <= high
            for other in pages_of(tiff, 64)
        )
        return cls(
            compression=_NAMES.get(page.number(_COMPRESSION, 1), _DEFAULT),
            tile=tile if is_tiled else None,
            is_pyramid=is_pyramid and is_tiled,
        )

    def save_options(self, quality: int, *, sixteen: bool) -> dict[str, Any]:
        """Options of libvips' `tiffsave`.

        Parameters
        ----------
        quality
            1..100, of JPEG inside.
        sixteen
            Whether samples have 16 bits, which JPEG cannot hold.
        """
        compression = _DEFAULT if sixteen and self.compression == "jpeg" else self.compression
        options: dict[str, Any] = {"compression": compression}
        if compression == "jpeg":
            options["Q"] = quality
        elif compression in ("lzw", "deflate"):
            options["predictor"] = "horizontal"
        if self.tile is not None:
            height, width = self.tile
            options |= {"tile": True, "tile_height": height, "tile_width": width}
            options["pyramid"] = self.is_pyramid
        return options
