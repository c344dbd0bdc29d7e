"""Pixel formats as the engine sees them: depth, chroma size, and whether luma lies by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ....errors import UsageError
from .libav import av


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelLayout:
    """A pixel format.

    Parameters
    ----------
    name
        As FFmpeg calls it.
    depth
        Bits of a sample.
    shrink_x, shrink_y
        Luma pixels to a chroma sample each way; 0 where there is no chroma.
    has_luma_plane
        Plane 0 is luma and nothing else, in the byte order of this machine.
    is_planar_yuv
        Cb and Cr are planes 1 and 2 likewise, and there is no alpha.
    is_rgb
        Red, green and blue, or a palette of them.
    has_alpha
        Whether it says how opaque a pixel is.
    """

    name: str
    depth: int
    shrink_x: int
    shrink_y: int
    has_luma_plane: bool
    is_planar_yuv: bool
    is_rgb: bool
    has_alpha: bool


@lru_cache(maxsize=64)
def layout_of(name: str) -> PixelLayout:
    """The layout of a pixel format; raises UsageError for a name that is none."""
    try:
        pixel_format = av.VideoFormat(name, 64, 64)
    except ValueError as error:
        raise UsageError(f"pixel format {name!r}: expected one of FFmpeg's, yuv420p say") from error
    parts = list(pixel_format.components)
    if not parts:
        raise UsageError(f"pixel format {name!r} lies in a device; expected one in memory")
    is_rgb = pixel_format.is_rgb or pixel_format.has_palette
    samples_fit = parts[0].bits == 8 or (
        parts[0].bits > 8 and not pixel_format.is_big_endian and not name.startswith("p")
    )
    has_luma_plane = (
        not is_rgb
        and samples_fit
        and not any(part.plane == 0 for part in parts[1:])
        and not name.endswith(("f16le", "f32le"))
    )
    has_chroma = len(parts) >= 3 and not is_rgb
    return PixelLayout(
        name=name,
        depth=parts[0].bits,
        shrink_x=64 // parts[1].width if has_chroma else 0,
        shrink_y=64 // parts[1].height if has_chroma else 0,
        has_luma_plane=has_luma_plane,
        is_planar_yuv=has_luma_plane and [part.plane for part in parts] == [0, 1, 2],
        is_rgb=is_rgb,
        has_alpha=any(part.is_alpha for part in parts),
    )


def nearest_layout(
    source: PixelLayout, offered: Sequence[str], height: int, width: int
) -> PixelLayout:
    """The planar YCbCr format of an encoder that keeps most of a source.

    Its luma has at least the source's depth if there is such a one, and its chroma at least the
    source's size; gray and RGB sources get chroma of half the size each way. Odd sizes take chroma
    of full size, because halves of them are refused by most encoders.

    Parameters
    ----------
    source
        What is decoded.
    offered
        Pixel formats that the encoder takes.
    height, width
        Of the film.

    Raises
    ------
    UsageError
        There is none for this size.
    """
    shrink = (source.shrink_x or 2, source.shrink_y or 2)
    fitting = [
        layout
        for layout in map(layout_of, offered)
        if layout.is_planar_yuv
        and not layout.name.startswith("yuvj")
        and width % layout.shrink_x == 0
        and height % layout.shrink_y == 0
    ]
    if not fitting:
        raise UsageError(
            f"{width} x {height}: this encoder has no pixel format for odd sizes; "
            "use --encoder libx264 or ffv1"
        )
    return min(
        fitting,
        key=lambda layout: (
            max(source.depth - layout.depth, 0),
            layout.shrink_x > shrink[0] or layout.shrink_y > shrink[1],
            layout.depth - source.depth,
            shrink[0] - layout.shrink_x + shrink[1] - layout.shrink_y,
        ),
    )
