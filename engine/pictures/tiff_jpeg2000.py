"""TIFF pages whose strips or tiles are JPEG 2000 codestreams, which libtiff does not read."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...errors import UnreadableError
from .pillow_source import jpeg2000_array
from .tiff_layout import TiffPage
from .vips import pyvips

_COMPRESSIONS: Final = frozenset({33003, 33004, 33005, 34712})


def is_jpeg2000(page: TiffPage) -> bool:
    """Whether a page is coded so."""
    return page.directory.number(259, 1) in _COMPRESSIONS


def jpeg2000_image(tiff: bytes, page: TiffPage) -> Any:
    """Decode a page to a libvips image; raises UnreadableError."""
    directory = page.directory
    tiled = 324 in directory.values
    offsets = directory.numbers(324 if tiled else 273)
    lengths = directory.numbers(325 if tiled else 279)
    rows = directory.number(323) if tiled else directory.number(278, page.height)
    columns = directory.number(322) if tiled else page.width
    if not offsets or len(offsets) != len(lengths) or min(rows, columns) < 1:
        raise UnreadableError("truncated or damaged TIFF file")
    across = -(-page.width // columns)
    pixels = None
    for number, (offset, length) in enumerate(zip(offsets, lengths, strict=True)):
        try:
            part = jpeg2000_array(tiff[offset : offset + length])
        except Exception as error:  # Pillow's, of many types
            raise UnreadableError("truncated or damaged JPEG 2000 data in a TIFF file") from error
        if pixels is None:
            pixels = np.zeros((page.height, page.width, part.shape[2]), part.dtype)
        top, left = number // across * rows, number % across * columns
        room = pixels[
            top : top + min(rows, part.shape[0]), left : left + min(columns, part.shape[1])
        ]
        room[...] = part[: room.shape[0], : room.shape[1], : room.shape[2]]
    assert pixels is not None  # a page has at least one part
    deep = pixels.dtype == np.uint16
    gray = pixels.shape[2] < 3
    return pyvips.Image.new_from_array(
        pixels,
        interpretation=("grey16" if deep else "b-w") if gray else "rgb16" if deep else "srgb",
    )
