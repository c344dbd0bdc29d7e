"""How predicted colour is put into a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from ...errors import UsageError

Upsample = Literal["guided", "bilinear"]
Chroma = Literal["420", "444"]
Style = Literal["natural", "vivid"]
MAX_SATURATION: Final = 4.0
# What a style multiplies the predicted colour by. Networks that are trained to be near the truth on
# average are pale; docs/pictures.md has what the gain costs.
STYLE_GAIN: Final[Mapping[str, float]] = {"natural": 1.0, "vivid": 1.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Style of the output: all that shapes its look besides source and model.

    Parameters
    ----------
    saturation
        Multiplies the predicted a* and b*, 0..4; 1 is as predicted, 0 leaves gray.
    style
        "natural" is as predicted, "vivid" half as much colour again; times `saturation`.
    upsample
        How the network's small colour planes are enlarged: "guided" along the edges of the
        picture's luma, or "bilinear".
    label
        Text to draw into the lower left corner; empty for none.
    chroma
        Of JPEG outputs: "420" stores colour at half the size each way, "444" at full size.

    Raises
    ------
    UsageError
        A value is out of its range.
    """

    saturation: float = 1.0
    style: Style = "natural"
    upsample: Upsample = "guided"
    chroma: Chroma = "420"
    label: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.saturation <= MAX_SATURATION:
            raise UsageError(f"saturation: expected 0..{MAX_SATURATION:g}, got {self.saturation}")
        for name, known in (("style", Style), ("upsample", Upsample), ("chroma", Chroma)):
            if getattr(self, name) not in get_args(known):
                raise UsageError(
                    f"{name}: expected {' or '.join(get_args(known))}, got {getattr(self, name)!r}"
                )

    @property
    def gain(self) -> float:
        """Factor of the predicted a* and b*."""
        return self.saturation * STYLE_GAIN[self.style]
