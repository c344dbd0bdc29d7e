"""Decode a photograph into pixels to learn from or to compare with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...engine.pictures.vips import pyvips
from ...errors import UnreadableError, first_line


def decode_photo(
    encoded: bytes, *, short_side: int | None = None, long_side: int | None = None
) -> NDArray[np.uint8]:
    """Decode, turn upright, convert to sRGB and reduce.

    Parameters
    ----------
    encoded
        The bytes of a picture file; truncated ones are refused, not filled with gray.
    short_side, long_side
        Pixels; a larger photograph is reduced to fit both, a smaller one is kept.

    Returns
    -------
    NDArray
        (H, W, 3) uint8 sRGB, on white where it was transparent.

    Raises
    ------
    UnreadableError
        Not an image, damaged or truncated.
    """
    try:
        header = pyvips.Image.new_from_buffer(encoded, "").autorot()
        sides = sorted((header.width, header.height))
        limits = zip((short_side, long_side), sides, strict=True)
        scale = min([1.0, *(limit / side for limit, side in limits if limit)])
        # "force" takes the size as computed; libvips' own fitting may round to one pixel less.
        image = pyvips.Image.thumbnail_buffer(
            encoded,
            max(1, round(header.width * scale)),
            height=max(1, round(header.height * scale)),
            size="force",
            output_profile="srgb",
            # The operation has an argument of this name too, but it reaches no loader.
            option_string="fail_on=truncated",
        )
        if image.hasalpha():
            image = image.flatten(background=[255.0])
        return np.ascontiguousarray(image.colourspace("srgb").cast("uchar").numpy())
    except (pyvips.Error, ValueError) as error:
        raise UnreadableError(f"cannot be decoded: {first_line(error)}") from error
