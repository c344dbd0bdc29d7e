"""From a film and the user's wishes to an encoder's settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from ...errors import UsageError
from .film_options import FilmOptions
from .media.encoders import Encoder, encoder_for
from .media.film_info import FilmInfo
from .media.image_sequence import is_sequence
from .media.libav import GLOBAL_HEADER, av
from .media.pixel_layout import PixelLayout, layout_of, nearest_layout
from .media.video_encoder import VideoEncoder

# What pictures are painted in and handed over in, by the depth of the source.
_PICTURES: Final = {
    ("png", 8): ("yuv444p", "rgb24"),
    ("png", 16): ("yuv444p16le", "rgb48be"),
    ("tiff", 8): ("yuv444p", "rgb24"),
    ("tiff", 16): ("yuv444p16le", "rgb48le"),
    ("jpeg", 8): ("yuv444p", "yuvj444p"),
    ("jpeg", 16): ("yuv444p", "yuvj444p"),
}
# AVFieldOrder of frames whose bottom field is shown first.
_BOTTOM_FIRST: Final = (3, 4)
_SEMI_PLANAR: Final = {8: "nv12", 10: "p010le"}


def video_encoder(info: FilmInfo, output: Path, options: FilmOptions) -> VideoEncoder:
    """Choose how to encode a film.

    Raises
    ------
    UsageError
        The encoder, its settings, the pixel format or the container do not go together.
    """
    encoder = encoder_for(output, options.encoder)
    tags = info.tags
    handed_format = ""
    codec_options = encoder.codec_options(options.crf, options.preset)
    if encoder.pictures:
        if options.pixel_format:
            raise UsageError("--pixel-format: numbered pictures follow the source")
        depth = 8 if info.layout.depth == 8 else 16
        name, handed_format = _PICTURES[encoder.name, depth]
        layout = layout_of(name)
        tags = replace(tags, full_range=tags.full_range or info.layout.is_rgb)
    else:
        layout = _layout(info, encoder, options.pixel_format)
        handed_format = _SEMI_PLANAR[layout.depth] if encoder.is_semi_planar else ""
        if not encoder.keeps_full_range:
            tags = replace(tags, full_range=False)
        codec_options |= _more_options(info, encoder, layout, codec_options)
    video = VideoEncoder(
        encoder=encoder,
        options=codec_options,
        layout=layout,
        handed_format=handed_format,
        tags=tags,
        height=info.height,
        width=info.width * (2 if options.compare == "side" else 1),
        aspect=info.aspect,
        time_base=info.time_base,
        rate=info.rate,
        field_order=info.field_order,
        is_interlaced=info.is_interlaced,
        has_global_header=_has_global_header(output),
    )
    video.opened()  # what it refuses is better told before the work than after
    return video


def _more_options(
    info: FilmInfo, encoder: Encoder, layout: PixelLayout, options: dict[str, str]
) -> dict[str, str]:
    """Options that follow from the film."""
    if encoder.name == "dnxhr":
        profile = "hq" if layout.depth == 8 else "444" if layout.shrink_x == 1 else "hqx"
        return {"profile": f"dnxhr_{profile}"}
    bottom_first = info.is_interlaced and info.field_order in _BOTTOM_FIRST
    name, more = {
        "libx264": ("x264-params", {"bff": "1"} if bottom_first else {}),
        "libx265": ("x265-params", info.mastering.x265()),
        "libsvtav1": ("svtav1-params", info.mastering.svt_av1()),
    }.get(encoder.name, ("", {}))
    if not more:
        return {}
    before = [options[name]] if name in options else []
    return {name: ":".join([*before, *(f"{key}={value}" for key, value in more.items())])}


def _layout(info: FilmInfo, encoder: Encoder, pixel_format: str) -> PixelLayout:
    offered = encoder.pixel_formats()
    if not pixel_format:
        return nearest_layout(info.layout, offered, info.height, info.width)
    layout = layout_of(pixel_format)
    planar = [name for name in offered if layout_of(name).is_planar_yuv]
    if pixel_format not in planar or pixel_format.startswith("yuvj"):
        raise UsageError(
            f"--pixel-format {pixel_format}: {encoder.name} takes "
            f"{', '.join(name for name in planar if not name.startswith('yuvj'))}"
        )
    return layout


def _has_global_header(output: Path) -> bool:
    if is_sequence(output):
        return False
    if output.suffix.lower() == ".avi":
        raise UsageError(f"{output}: AVI keeps no timestamps of pictures; name a .mkv or .mp4")
    try:
        with av.open(str(output.with_name("x" + output.suffix)), "w") as container:
            flags: int = container.format.flags
    except ValueError as error:
        raise UsageError(
            f"{output}: expected a film's ending, .mp4, .mkv, .mov, .webm say"
        ) from error
    return bool(flags & GLOBAL_HEADER)
