"""The contact sheet of a run: sources beside what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..pictures.vips import pyvips
from .contact_sheet import write_contact_sheet

_THUMBNAIL_PIXELS: Final = 400


def write_before_after_sheet(pairs: Sequence[tuple[Path, Path]], path: Path) -> None:
    """Write (source, output) files side by side.

    Parameters
    ----------
    pairs
        At least one.
    path
        Of the sheet, ends in .jpg or .png.

    Raises
    ------
    UnwritableError, UsageError
        See `write_contact_sheet`.
    """
    rows = [
        (output.name, (_thumbnail(source, gray=True), _thumbnail(output, gray=False)))
        for source, output in sorted(pairs)
    ]
    write_contact_sheet(rows, path, ("gray", "ours"), across=min(2, len(rows)))


def _thumbnail(path: Path, *, gray: bool) -> NDArray[np.uint8] | None:
    try:
        image = pyvips.Image.thumbnail(str(path), _THUMBNAIL_PIXELS)
        if image.hasalpha():
            image = image.flatten(background=[255.0])
        if gray:
            image = image.colourspace("b-w")
        pixels: NDArray[np.uint8] = image.colourspace("srgb").cast("uchar").numpy()
    except pyvips.Error:
        return None
    return pixels
