"""The pictures that paths through a model are compared on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...engine.inference.contract import ModelContract
from ...engine.inference.working_shape import working_shape
from ...engine.pictures.formats import READABLE_SUFFIXES
from ...engine.pictures.natural_picture import natural_picture
from ...engine.pictures.pixel_picture import PixelPicture
from ...engine.pictures.read_options import MAX_PIXELS, ReadOptions
from ...engine.pictures.reader import open_picture
from ...errors import PictureError, UsageError
from ...kernels.reference.colorspace import luminance_from_f, srgb_from_linear

MOST_PICTURES: Final = 16
# Pixels of a picture; more would only cost time where the model looks at fewer.
_AREA: Final = 512 * 512
_EXAMPLES: Final = Path(__file__).parents[2] / "examples" / "photos"
# (H, W) of the made-up ones.
_MADE_UP: Final = ((384, 512), (512, 384), (512, 512), (288, 512))


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityPicture:
    """A picture, and what the model sees of it.

    Parameters
    ----------
    gray
        (H, W) uint8 pixels.
    l_batch
        (1, 1, h, w) float32, CIELAB L* 0..100, at its working shape.
    """

    gray: PixelPicture
    l_batch: NDArray[np.float32]


def parity_pictures(contract: ModelContract, folder: Path | None = None) -> list[ParityPicture]:
    """Gather pictures: those of a folder, else the example photographs, else made-up ones.

    Parameters
    ----------
    contract
        Of the model; it says at what size it looks at each.
    folder
        Searched with its subfolders; the first `MOST_PICTURES` readable files are taken.

    Returns
    -------
    list of ParityPicture
        At least one; each at most 512 x 512 pixels in area.

    Raises
    ------
    UsageError
        The folder holds no readable picture.
    """
    chosen = folder if folder is not None else _EXAMPLES
    grays = [] if folder is None and not chosen.is_dir() else _grays_in(chosen)
    if folder is not None and not grays:
        raise UsageError(f"{folder}: expected a folder with pictures, found none to read")
    if not grays:
        grays = [
            PixelPicture(pixels=natural_picture(height, width, seed))
            for seed, (height, width) in enumerate(_MADE_UP)
        ]
    return [_seen(gray, contract) for gray in grays]


def _grays_in(folder: Path) -> list[PixelPicture]:
    grays: list[PixelPicture] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in READABLE_SUFFIXES and len(grays) < MOST_PICTURES:
            try:
                opened = open_picture(
                    path.read_bytes(),
                    picture_format=None,
                    options=ReadOptions(max_pixels=MAX_PIXELS),
                )
                picture = opened.decoded()
            except (PictureError, OSError):
                continue
            scale = min(1.0, math.sqrt(_AREA / (picture.height * picture.width)))
            height = max(1, round(picture.height * scale))
            width = max(1, round(picture.width * scale))
            f_plane = (picture.l_plane(height, width).astype(np.float64) + 16) / 116
            gray = np.rint(255 * srgb_from_linear(luminance_from_f(f_plane)))
            grays.append(PixelPicture(pixels=gray.clip(0, 255).astype(np.uint8)))
    return grays


def _seen(gray: PixelPicture, contract: ModelContract) -> ParityPicture:
    height, width = working_shape(gray.height, gray.width, contract)
    return ParityPicture(gray=gray, l_batch=gray.l_plane(height, width)[np.newaxis, np.newaxis])
