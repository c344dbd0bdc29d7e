"""A picture of pictures: one row each, columns side by side."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import PictureError, UsageError
from ..atomic_write import write_atomically
from ..pictures.caption import caption
from ..pictures.vips import pyvips
from .source_bytes import read_source

RgbU8 = NDArray[np.uint8]
ContactRow = tuple[str, Sequence[RgbU8 | None]]

_GAP: Final = 8
_TEXT_HEIGHT: Final = 22
_PAPER: Final = 255
_BACKGROUND: Final = [255.0, 255.0, 255.0]

_THUMBNAIL_PIXELS: Final = 400
_SAVERS: Final = {".jpg": "jpegsave_buffer", ".jpeg": "jpegsave_buffer", ".png": "pngsave_buffer"}


def require_sheet_name(path: Path) -> None:
    """Raise UsageError unless a contact sheet can be written under this name."""
    if path.suffix.lower() not in _SAVERS:
        raise UsageError(f"{path}: a contact sheet's name must end in .jpg or .png")


def write_contact_sheet(
    rows: Sequence[ContactRow],
    path: Path,
    column_titles: Sequence[str],
    *,
    cell_height: int = 220,
    across: int = 1,
) -> None:
    """Write a contact sheet.

    Parameters
    ----------
    rows
        (caption, pictures): as many pictures as there are titles, each (H, W, 3) u8 sRGB, or None
        for a blank.
    path
        Ends in .jpg, .jpeg or .png.
    column_titles
        Above the columns.
    cell_height
        Of each picture on the sheet, pixels; wide ones are made lower.
    across
        How many rows stand beside each other.

    Raises
    ------
    UsageError
        There are no rows, or the name ends otherwise.
    UnwritableError
        The file cannot be written.
    """
    require_sheet_name(path)
    if not rows:
        raise UsageError("a contact sheet needs at least one picture")
    cell_width = round(cell_height * 4 / 3)
    strips = [_strip(caption, pictures, cell_height, cell_width) for caption, pictures in rows]
    title_strip = _titles(column_titles, cell_width)
    cells = [title_strip] * across + strips
    cells += [_cell(None, strips[0].height, strips[0].width)] * (-len(strips) % across)
    lines = [
        pyvips.Image.arrayjoin(
            cells[i : i + across], across=across, shim=3 * _GAP, background=_BACKGROUND
        )
        for i in range(0, len(cells), across)
    ]
    sheet = _stacked(lines)
    options = {"Q": 90} if "jp" in path.suffix.lower() else {"compression": 6}
    write_atomically(path, getattr(sheet, _SAVERS[path.suffix.lower()])(**options))


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
        (_shown_name(output), (_thumbnail(source, gray=True), _thumbnail(output, gray=False)))
        for source, output in sorted(pairs)
    ]
    write_contact_sheet(rows, path, ("gray", "ours"), across=min(2, len(rows)))


def _stacked(images: Sequence[Any]) -> Any:
    """One under the other, each with its own height."""
    sheet = images[0]
    for image in images[1:]:
        sheet = sheet.join(image, "vertical", shim=_GAP, background=_BACKGROUND, expand=True)
    return sheet.embed(
        _GAP, _GAP, sheet.width + 2 * _GAP, sheet.height + 2 * _GAP, background=_BACKGROUND,
        extend="background",
    )  # fmt: skip


def _strip(
    caption: str, pictures: Sequence[RgbU8 | None], cell_height: int, cell_width: int
) -> Any:
    cells = [_cell(picture, cell_height, cell_width) for picture in pictures]
    strip = pyvips.Image.arrayjoin(cells, across=len(cells), shim=_GAP, background=_BACKGROUND)
    return _stacked_text(strip, caption)


def _cell(picture: RgbU8 | None, height: int, width: int) -> Any:
    if picture is None:
        return (
            (pyvips.Image.black(width, height, bands=3) + _PAPER)
            .cast("uchar")
            .copy(interpretation="srgb")
        )
    image = pyvips.Image.new_from_array(np.ascontiguousarray(picture)).copy(interpretation="srgb")
    scale = min(height / image.height, width / image.width)
    small = image.thumbnail_image(
        max(1, round(image.width * scale)), height=max(1, round(image.height * scale)), size="force"
    )
    return small.gravity("centre", width, height, extend="background", background=_BACKGROUND)


def _titles(titles: Sequence[str], cell_width: int) -> Any:
    cells = [_text(title, cell_width) for title in titles]
    return pyvips.Image.arrayjoin(cells, across=len(cells), shim=_GAP, background=_BACKGROUND)


def _stacked_text(strip: Any, caption: str) -> Any:
    return strip.join(_text(caption, strip.width), "vertical", background=_BACKGROUND, expand=True)


def _text(text: str, width: int) -> Any:
    """A line of text, dark on paper, cut to `width`."""
    paper = pyvips.Image.black(width, _TEXT_HEIGHT)
    if text:
        ink = caption(text)
        ink = ink.crop(0, 0, min(width, ink.width), min(_TEXT_HEIGHT - 3, ink.height))
        paper = paper.insert(ink, 0, 3)
    return (_PAPER - paper).cast("uchar").colourspace("srgb")


def _shown_name(path: Path) -> str:
    """Name of a file, which may hold any bytes, as text that can be drawn."""
    text = os.fsencode(path.name).decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _thumbnail(path: Path, *, gray: bool) -> RgbU8 | None:
    try:
        # libvips takes names in UTF-8 only.
        image = pyvips.Image.thumbnail_buffer(read_source(path).file_bytes, _THUMBNAIL_PIXELS)
        if image.hasalpha():
            image = image.flatten(background=[255.0])
        if gray:
            image = image.colourspace("b-w")
        pixels: RgbU8 = image.colourspace("srgb").cast("uchar").numpy()
    except (pyvips.Error, PictureError):
        return None
    return pixels
