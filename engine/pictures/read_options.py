"""How pictures are read."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import require

MAX_PIXELS = 250_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How a file becomes a picture.

    Parameters
    ----------
    max_pixels
        Height x width beyond which a picture is refused.
    salvage
        Take what can be read of a damaged picture, in place of refusing it.
    invert
        Turn light and dark around: the picture is a scanned negative.
    all_frames
        Take every frame of an animation where the output's format can hold them.

    Raises
    ------
    UsageError
        A value is out of its range.
    """

    max_pixels: int = MAX_PIXELS
    salvage: bool = False
    invert: bool = False
    all_frames: bool = False

    def __post_init__(self) -> None:
        require(self.max_pixels > 0, "max pixels: expected at least 1")
