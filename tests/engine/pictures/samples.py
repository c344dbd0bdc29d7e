"""Files of every format, depth and mode, made by libvips."""

from __future__ import annotations

from typing import Any

import numpy as np

from colorize_batch.engine.pictures.vips import pyvips

HEIGHT, WIDTH = 24, 36


def pixels(channels: int, dtype: type = np.uint8) -> np.ndarray:
    """(HEIGHT, WIDTH, channels) smooth ramps over most of the range, another in each channel."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [
        rows / HEIGHT,
        columns / WIDTH,
        (rows + columns) / (HEIGHT + WIDTH),
        1 - rows / (2 * HEIGHT),
        columns / (2 * WIDTH),
    ]
    return (np.stack(planes[:channels], axis=2) * np.iinfo(dtype).max).astype(dtype)


def image(channels: int, dtype: type = np.uint8) -> Any:
    """`pixels` as a libvips image of the fitting interpretation."""
    sixteen = dtype == np.uint16
    gray = channels < 3
    name = ("grey16" if sixteen else "b-w") if gray else ("rgb16" if sixteen else "srgb")
    return pyvips.Image.new_from_array(pixels(channels, dtype)).copy(interpretation=name)


def cmyk() -> Any:
    """A CMYK image without a profile."""
    return pyvips.Image.new_from_array(pixels(4)).copy(interpretation="cmyk")


def animated() -> Any:
    """Two frames, the second one a negative."""
    frames = pyvips.Image.arrayjoin([image(3), image(3).invert()], across=1).copy()
    frames.set_type(pyvips.GValue.gint_type, "page-height", HEIGHT)
    return frames


# name -> bytes, all the modes that the reader promises.
FILES = {
    "gray.jpg": lambda: image(1).jpegsave_buffer(Q=95),
    "rgb.jpg": lambda: image(3).jpegsave_buffer(Q=95, subsample_mode="off"),
    "progressive.jpg": lambda: image(3).jpegsave_buffer(Q=95, interlace=True),
    "cmyk.jpg": lambda: cmyk().jpegsave_buffer(Q=95),
    "gray.png": lambda: image(1).pngsave_buffer(),
    "gray-alpha.png": lambda: image(2).pngsave_buffer(),
    "rgb.png": lambda: image(3).pngsave_buffer(),
    "rgba.png": lambda: image(4).pngsave_buffer(),
    "palette.png": lambda: image(3).pngsave_buffer(palette=True),
    "one-bit.png": lambda: (image(1) > 100).pngsave_buffer(bitdepth=1),
    "gray-16.png": lambda: image(1, np.uint16).pngsave_buffer(),
    "gray-alpha-16.png": lambda: image(2, np.uint16).pngsave_buffer(),
    "rgb-16.png": lambda: image(3, np.uint16).pngsave_buffer(),
    "rgba-16.png": lambda: image(4, np.uint16).pngsave_buffer(),
    "gray.tif": lambda: image(1).tiffsave_buffer(),
    "one-bit.tif": lambda: (image(1) > 100).tiffsave_buffer(bitdepth=1),
    "rgb-lzw.tif": lambda: image(3).tiffsave_buffer(compression="lzw"),
    "rgba.tif": lambda: image(4).tiffsave_buffer(),
    "gray-16.tif": lambda: image(1, np.uint16).tiffsave_buffer(),
    "rgb-16.tif": lambda: image(3, np.uint16).tiffsave_buffer(compression="deflate"),
    "cmyk.tif": lambda: cmyk().tiffsave_buffer(),
    "tiled-pyramid.tif": lambda: image(3).tiffsave_buffer(tile=True, pyramid=True),
    "gray.webp": lambda: image(1).webpsave_buffer(Q=95),
    "rgb.webp": lambda: image(3).webpsave_buffer(Q=95),
    "rgba.webp": lambda: image(4).webpsave_buffer(lossless=True),
    "rgb.avif": lambda: image(3).heifsave_buffer(compression="av1", Q=90),
    "gray.avif": lambda: image(1).heifsave_buffer(compression="av1", Q=90),
    "rgb-12-bit.avif": lambda: image(3, np.uint16).heifsave_buffer(
        compression="av1", Q=90, bitdepth=12
    ),
    "palette.gif": lambda: image(3).gifsave_buffer(),
    "animated.gif": lambda: animated().gifsave_buffer(),
}
