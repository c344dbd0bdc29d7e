"""The settings of a film run."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal, get_args

from ...errors import UsageError, require
from ..pictures.look import Look
from .media.encoders import AUTO
from .media.part import Part

Temporal = Literal["smooth", "off"]
Compare = Literal["none", "side", "split"]
Audio = Literal["copy", "convert", "none"]
MAX_EVERY: Final = 1000
# True cuts: 0.00 to 0.21. Fast pans: from 0.38 on.
CUT_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmOptions:
    """Options of a run over a film.

    Parameters
    ----------
    look
        How the colour is put in; its `chroma` is not used, the pixel format decides.
    encoder
        A name in `ENCODERS`, or "auto".
    crf
        Quality as the encoder counts it; None takes its own default.
    preset, pixel_format
        As the encoder calls them; empty chooses.
    stream
        Which of the video streams is colorized.
    sequence_rate
        Frames a second of image sequences.
    temporal
        "smooth" carries colour along motion; "off" colorizes every frame by itself.
    strength
        0..1, how much of a carried colour stays when the model looks again.
    every
        Frames from one look of the model to the next; 0 decides by what happens in the film.
    compare
        "side" puts gray and colour side by side, "split" shows the left half in gray.
    scenes
        CSV file of cuts and references, read if it is there, written if it is not.
    reference
        Picture whose colours scenes without a reference of their own take on.
    part
        What of the film is colorized.
    deinterlace
        Whether fields are woven into whole frames.
    audio
        "copy" keeps sound as it is and refuses a container that cannot hold it, "convert" encodes
        that anew, "none" leaves all sound out.
    cut_share
        A frame of which less than this share is found in the one before starts a scene.
    segment_frames
        Frames to a segment, the unit that a resumed run does not do again.
    as_is
        Show the model whole frames as they are, without preparation.

    Raises
    ------
    UsageError
        A value is out of its range.
    """

    look: Look = field(default_factory=Look)
    encoder: str = AUTO
    crf: int | None = None
    preset: str = ""
    pixel_format: str = ""
    stream: int = 0
    sequence_rate: Fraction = Fraction(25)
    temporal: Temporal = "smooth"
    strength: float = 0.6
    every: int = 0
    compare: Compare = "none"
    scenes: Path | None = None
    reference: Path | None = None
    part: Part = field(default_factory=Part)
    deinterlace: bool = False
    audio: Audio = "copy"
    cut_share: float = CUT_SHARE
    segment_frames: int = 250
    as_is: bool = False

    def __post_init__(self) -> None:
        for name, known in (("temporal", Temporal), ("compare", Compare), ("audio", Audio)):
            if getattr(self, name) not in get_args(known):
                raise UsageError(
                    f"{name}: expected {' or '.join(get_args(known))}, got {getattr(self, name)!r}"
                )
        require(self.stream >= 0, "stream: expected 0 or more")
        require(self.sequence_rate > 0, "rate: expected more than 0 frames a second")
        require(0 <= self.strength <= 1, "strength: expected 0..1")
        require(0 <= self.every <= MAX_EVERY, f"every: expected 1..{MAX_EVERY}, or auto")
        require(0 <= self.cut_share <= 1, "scene threshold: expected 0..1")
        require(self.segment_frames > 0, "segment frames: expected at least 1")
