"""The encoders a film can be written with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from ....errors import UsageError
from .image_sequence import is_sequence
from .libav import av

AUTO: Final = "auto"
EncoderName = Literal[
    "auto", "libx264", "libx265", "libsvtav1", "prores_ks", "ffv1", "h264_nvenc", "png"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """An encoder of FFmpeg.

    Parameters
    ----------
    name
        FFmpeg's name.
    quality_option
        Takes what `--crf` gives; empty where there is nothing to choose.
    quality
        When the user names none.
    best, worst
        The range of `quality`.
    preset
        When the user names none; empty where there is none.
    options
        Always set.
    is_rgb
        Writes pictures, red, green and blue.
    """

    name: str
    quality_option: str = ""
    quality: int = 0
    best: int = 0
    worst: int = 51
    preset: str = ""
    options: Mapping[str, str]
    is_rgb: bool = False

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
            options[self.quality_option] = str(self.quality if crf is None else crf)
        if self.preset:
            options["preset"] = preset or self.preset
        return options | dict(self.options)

    def pixel_formats(self) -> list[str]:
        """Pixel formats that the encoder takes from memory, by FFmpeg's names."""
        formats = self._codec().video_formats or []
        return [pixel_format.name for pixel_format in formats if pixel_format.components]

    def _codec(self) -> av.Codec:
        try:
            return av.Codec(self.name, "w")
        except ValueError as error:
            raise UsageError(f"--encoder {self.name}: this build of FFmpeg lacks it") from error


# The colour was carried along the motion of luma, so looking for motion in chroma too finds no better
# one: 9 % of the encoder's instructions for 0.1 % of the bytes. Chroma would also be coded in finer
# steps than luma, because of psy-rd; in these coarser ones it is half a code from what was painted on
# average, and 2 dB nearer to it than luma to its own.
X264_PARAMS: Final = "chroma-me=0:chroma-qp-offset=4"
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
        ),
        Encoder(
            name="libsvtav1", quality_option="crf", quality=24, worst=63, preset="8", options={}
        ),
        Encoder(name="prores_ks", options={"profile": "3", "vendor": "apl0"}),
        Encoder(name="ffv1", options={"level": "3", "slicecrc": "1"}),
        Encoder(
            name="h264_nvenc",
            quality_option="cq",
            quality=19,
            preset="p5",
            options={"rc": "vbr", "b": "0"},
        ),
        Encoder(name="png", options={}, is_rgb=True),
    )
}  # fmt: skip
_WEBM: Final = {".webm": "libsvtav1"}


def encoder_for(output: Path, name: str = AUTO) -> Encoder:
    """The encoder of an output.

    Parameters
    ----------
    output
        The film; its ending names the container.
    name
        Of an encoder, or "auto": libx264, libsvtav1 for .webm, png for numbered pictures.

    Raises
    ------
    UsageError
        No such encoder, or the container cannot hold its films.
    """
    if name != AUTO and name not in ENCODERS:
        raise UsageError(f"--encoder {name}: expected auto, {', '.join(ENCODERS)}")
    sequence = is_sequence(output)
    if name == AUTO:
        name = "png" if sequence else _WEBM.get(output.suffix.lower(), "libx264")
    if (name == "png") != sequence:
        raise UsageError(
            f"{output}: png goes with numbered pictures, frames/%06d.png, and nothing else does"
        )
    return ENCODERS[name]
