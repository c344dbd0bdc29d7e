"""Setting up an encoder for a film."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ....errors import UsageError, first_line
from .color_tags import BT601, ColorTags
from .encoders import Encoder
from .libav import ColorRange, Colorspace, FFmpegError, Flags, av
from .pixel_layout import PixelLayout

if TYPE_CHECKING:
    from av import VideoCodecContext, VideoFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoEncoder:
    """Everything an encoder is opened with: the same for every segment of a film.

    Parameters
    ----------
    encoder, options
        What encodes, and FFmpeg's options of it.
    layout
        Planar YCbCr that frames are painted in.
    handed_format
        What painted frames are turned to for encoders that take none of our layouts: RGB, Cb and Cr
        by turns, or JPEG's YCbCr; empty for others.
    tags
        Of the colours.
    height, width, aspect
        Of the frames; width over height of a pixel.
    time_base, rate
        Seconds of a tick; frames a second on average.
    field_order, is_interlaced
        As in `FilmInfo`.
    has_global_header
        Whether the container keeps the codec's headers apart.
    """

    encoder: Encoder
    options: dict[str, str]
    layout: PixelLayout
    handed_format: str
    tags: ColorTags
    height: int
    width: int
    aspect: Fraction
    time_base: Fraction
    rate: Fraction
    field_order: int
    is_interlaced: bool
    has_global_header: bool

    def opened(self) -> VideoCodecContext:
        """An encoder, ready for the first frame of a segment.

        Raises
        ------
        UsageError
            It refuses its settings, or the machine lacks what it needs.
        """
        device = self.encoder.device
        try:
            upload: Any = av.codec.hwaccel.HWAccel(device) if device else None
            context = av.VideoCodecContext.create(self.encoder.codec, "w", upload)
        except (FFmpegError, OSError, RuntimeError, ValueError) as error:
            raise UsageError(
                f"--encoder {self.encoder.name}: this machine has no device for it: "
                f"{first_line(error)}"
            ) from error
        assert isinstance(context, av.VideoCodecContext)
        if self.has_global_header:
            context.flags |= Flags.global_header.value
        self.configure(context)
        try:
            context.open()
        except (FFmpegError, OSError, RuntimeError, ValueError) as error:
            if self.encoder.is_hardware:
                raise UsageError(
                    f"--encoder {self.encoder.name}: this machine has no device that opens it for "
                    f"{self.width} x {self.height} {context.pix_fmt}: {first_line(error)}"
                ) from error
            settings = " ".join(f"{name}={value}" for name, value in self.options.items())
            raise UsageError(
                f"{self.encoder.name} cannot encode {self.width} x {self.height} "
                f"{context.pix_fmt} with {settings or 'its defaults'} here: {error}"
            ) from error
        return context

    def configure(self, context: VideoCodecContext) -> None:
        """Set up an encoder that is not open yet."""
        context.width, context.height = self.width, self.height
        context.pix_fmt = self.handed_format or self.layout.name
        context.time_base, context.framerate = self.time_base, self.rate
        context.sample_aspect_ratio = self.aspect
        context.thread_type = "AUTO"
        context.options = dict(self.options)
        if self.encoder.name == "jpeg":
            context.colorspace, context.color_range = Colorspace.ITU601, ColorRange.JPEG
        elif not self.encoder.pictures:
            context.colorspace, context.color_range = self.tags.matrix, self.tags.av_range
            context.color_primaries, context.color_trc = self.tags.primaries, self.tags.transfer
        if self.is_interlaced:
            context.field_order = self.field_order
            context.flags |= Flags.interlaced_dct.value
        context.flags |= Flags.frame_duration.value

    def for_encoding(self, frame: VideoFrame) -> VideoFrame:
        """A painted frame in the format that the encoder takes."""
        if not self.handed_format:
            return frame
        matrix = Colorspace.ITU601 if self.tags.matrix == BT601 else self.tags.matrix
        is_picture = bool(self.encoder.pictures)
        handed = frame.reformat(
            format=self.handed_format,
            src_colorspace=matrix,
            dst_colorspace=Colorspace.ITU601 if is_picture else matrix,
            src_color_range=self.tags.av_range,
            dst_color_range=ColorRange.JPEG if is_picture else self.tags.av_range,
        )
        handed.pts, handed.time_base, handed.duration = frame.pts, frame.time_base, frame.duration
        return handed
