"""How pictures are prepared for the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ....errors import require

Upright = Literal["keep", "auto"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationOptions:
    """What is done to a picture before the network sees it.

    Parameters
    ----------
    as_is
        Show the whole picture as it is, and take the colours as they come.
    upright
        "keep" shows it as it is; "auto" in four turns, and takes the colours of the likeliest.

    seeks_negatives
        Note it of a picture that looks like a negative.

    Raises
    ------
    UsageError
        `upright` is neither.
    """

    as_is: bool = False
    upright: Upright = "keep"
    seeks_negatives: bool = True

    def __post_init__(self) -> None:
        require(self.upright in get_args(Upright), "upright: expected keep or auto")
