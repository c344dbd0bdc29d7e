"""The encoders a film can be written with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from ....errors import UsageError
from .image_sequence import is_sequence
from .libav import av

AUTO: Final = "auto"
EncoderName = Literal[
    "auto",
    "libx264",
    "libx265",
    "libsvtav1",
    "prores_ks",
    "dnxhr",
    "ffv1",
    "h264_nvenc",
    "hevc_nvenc",
    "av1_nvenc",
    "h264_videotoolbox",
    "hevc_videotoolbox",
    "h264_vaapi",
    "hevc_vaapi",
    "av1_vaapi",
    "h264_qsv",
    "hevc_qsv",
    "av1_qsv",
    "png",
    "tiff",
    "jpeg",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """An encoder of FFmpeg.

    Parameters
    ----------
    name
        As users name it, mostly FFmpeg's.
    quality_option
        Takes what `--crf` gives, or several that do; empty where there is nothing to choose.
    quality
        When the user names none.
    best, worst
        The range of `quality`.
    preset
        When the user names none; empty where there is none.
    options
        Always set.
    ffmpeg_name
        Where FFmpeg calls it otherwise.
    pictures
        Endings of the numbered pictures that it writes; empty for films.
    keeps_full_range
        Whether its films can say that their codes cover the full range.
    is_hardware
        Needs a device that not every machine has.
    is_semi_planar
        Takes luma, and Cb and Cr by turns, in 8 or 10 bits of 4:2:0.
    device
        The kind of device that frames are uploaded to; empty where the encoder does it.
    tags
        By container: the code that players know the codec by, where FFmpeg's is another.
    """

    name: str
    quality_option: str = ""
    quality: int = 0
    best: int = 0
    worst: int = 51
    preset: str = ""
    options: Mapping[str, str]
    ffmpeg_name: str = ""
    pictures: tuple[str, ...] = ()
    keeps_full_range: bool = True
    is_hardware: bool = False
    is_semi_planar: bool = False
    device: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def codec(self) -> str:
        """FFmpeg's name of it."""
        return self.ffmpeg_name or self.name

    def codec_options(self, crf: int | None, preset: str) -> dict[str, str]:
        """FFmpeg's options; raises UsageError for what this encoder does not have."""
        if crf is not None and not self.quality_option:
            raise UsageError(f"--crf: {self.name} has no quality to choose")
        if crf is not None and not self.best <= crf <= self.worst:
            raise UsageError(f"--crf {crf}: {self.name} takes {self.best}..{self.worst}")
        if preset and not self.preset:
            raise UsageError(f"--preset: {self.name} has none")
        options: dict[str, str] = {}
        if self.quality_option:
            for option in self.quality_option.split():
                options[option] = str(self.quality if crf is None else crf)
        if self.preset:
            options["preset"] = preset or self.preset
        return options | dict(self.options)

    def pixel_formats(self) -> list[str]:
        """Pixel formats that the encoder takes from memory, by FFmpeg's names."""
        if self.is_semi_planar:  # painted so, handed over as NV12 or P010
            self._codec()
            return ["yuv420p", "yuv420p10le"]
        formats = self._codec().video_formats or []
        return [pixel_format.name for pixel_format in formats if pixel_format.components]

    def _codec(self) -> av.Codec:
        try:
            return av.Codec(self.codec, "w")
        except ValueError as error:
            raise UsageError(f"--encoder {self.name}: this build of FFmpeg lacks it") from error


# The colour was carried along the motion of luma, so looking for motion in chroma too finds no better
# one: 9 % of the encoder's instructions for 0.1 % of the bytes. Chroma would also be coded in finer
# steps than luma, because of psy-rd; in these coarser ones it is half a code from what was painted on
# average, and 2 dB nearer to it than luma to its own.
X264_PARAMS: Final = "chroma-me=0:chroma-qp-offset=4"
_NO_TAGS: Final[Mapping[str, str]] = {}
_HVC1: Final[Mapping[str, str]] = {"mp4": "hvc1", "mov": "hvc1", "3gp": "hvc1"}
# Cards take variable rate around a quality; without B frames, of which old ones have none for HEVC.
_NVENC: Final[Mapping[str, str]] = {"rc": "vbr", "b": "0"}


def _nvenc(codec: str, tags: Mapping[str, str] = _NO_TAGS) -> Encoder:
    return Encoder(
        name=f"{codec}_nvenc", quality_option="cq", quality=19, preset="p5", options=_NVENC,
        is_hardware=True, tags=tags,
    )  # fmt: skip


def _vaapi(codec: str, tags: Mapping[str, str] = _NO_TAGS) -> Encoder:
    return Encoder(
        name=f"{codec}_vaapi", quality_option="qp", quality=20, options={"rc_mode": "CQP"},
        is_hardware=True, is_semi_planar=True, device="vaapi", tags=tags,
    )  # fmt: skip


def _qsv(codec: str, tags: Mapping[str, str] = _NO_TAGS) -> Encoder:
    return Encoder(
        name=f"{codec}_qsv", quality_option="global_quality", quality=20, best=1, preset="medium",
        options={}, is_hardware=True, is_semi_planar=True, tags=tags,
    )  # fmt: skip


def _videotoolbox(codec: str, tags: Mapping[str, str] = _NO_TAGS) -> Encoder:
    # Its quality counts upwards, 1 to 100.
    return Encoder(
        name=f"{codec}_videotoolbox", quality_option="q:v", quality=65, best=1, worst=100,
        options={"allow_sw": "0"}, is_hardware=True, is_semi_planar=True, tags=tags,
    )  # fmt: skip


ENCODERS: Final[Mapping[str, Encoder]] = {
    encoder.name: encoder
    for encoder in (
        Encoder(
            name="libx264",
            quality_option="crf",
            quality=18,
            preset="medium",
            options={"x264-params": X264_PARAMS},
        ),
        Encoder(
            name="libx265",
            quality_option="crf",
            quality=20,
            preset="medium",
            options={"x265-params": "log-level=error"},
            tags=_HVC1,
        ),
        Encoder(
            name="libsvtav1", quality_option="crf", quality=24, worst=63, preset="8", options={}
        ),
        Encoder(
            name="prores_ks", options={"profile": "3", "vendor": "apl0"}, keeps_full_range=False
        ),
        Encoder(name="dnxhr", ffmpeg_name="dnxhd", options={}, keeps_full_range=False),
        Encoder(name="ffv1", options={"level": "3", "slicecrc": "1"}),
        _nvenc("h264"),
        _nvenc("hevc", tags=_HVC1),
        _nvenc("av1"),
        _videotoolbox("h264"),
        _videotoolbox("hevc", tags=_HVC1),
        _vaapi("h264"),
        _vaapi("hevc", tags=_HVC1),
        _vaapi("av1"),
        _qsv("h264"),
        _qsv("hevc", tags=_HVC1),
        _qsv("av1"),
        Encoder(name="png", options={}, pictures=(".png",)),
        Encoder(name="tiff", options={"compression_algo": "deflate"}, pictures=(".tif", ".tiff")),
        Encoder(
            name="jpeg",
            ffmpeg_name="mjpeg",
            quality_option="qmin qmax",
            quality=2,
            best=1,
            worst=31,
            options={"huffman": "optimal"},
            pictures=(".jpg", ".jpeg"),
        ),
    )
}
_WEBM: Final = {".webm": "libsvtav1"}


def encoder_for(output: Path, name: str = AUTO) -> Encoder:
    """The encoder of an output.

    Parameters
    ----------
    output
        The film; its ending names the container.
    name
        Of an encoder, or "auto": libx264, libsvtav1 for .webm, what the ending says for numbered
        pictures.

    Raises
    ------
    UsageError
        No such encoder, or the ending says something else.
    """
    if name != AUTO and name not in ENCODERS:
        raise UsageError(f"--encoder {name}: expected auto, {', '.join(ENCODERS)}")
    suffix = output.suffix.lower()
    by_ending = {ending: encoder for encoder in ENCODERS.values() for ending in encoder.pictures}
    if is_sequence(output) and suffix not in by_ending:
        raise UsageError(
            f"{output}: numbered pictures are written as {' '.join(sorted(by_ending))}; name one "
            "of these endings"
        )
    if name == AUTO:
        name = by_ending[suffix].name if is_sequence(output) else _WEBM.get(suffix, "libx264")
    encoder = ENCODERS[name]
    if is_sequence(output) and suffix not in encoder.pictures:
        raise UsageError(f"{output}: its ending asks for --encoder {by_ending[suffix].name}")
    if encoder.pictures and not is_sequence(output):
        raise UsageError(
            f"{output}: {name} goes with numbered pictures, frames/%06d{encoder.pictures[0]}"
        )
    return encoder
