"""State that one frame of a film leaves to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

# Frames whose mean contrast counts: an even number, so that exposure that alternates cancels out.
RECENT: Final = 4
_NESTED: Final = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackState:
    """Colour of a frame, and how well it is founded.

    Parameters
    ----------
    ab_planes
        (2, h, w) a*, b* of the frame.
    anchor_u8
        (h, w) luma of the frame that `ab_planes` belong to; still frames share it.
    seen
        (h, w) luma that the model looked at last, 0..255, moved along with the colour.
    evidence
        (h, w) contrast of the frame in which the colour of a place was predicted; 0 where it was
        taken from around it.
    contrasts
        Of the last frames, at most `RECENT`.
    left
        0..1, how much of the scene's beginning is left: falls in a dissolve.
    age
        Frames since the model looked.
    every
        Frames from that look to the next.
    unseen
        Frames' worth of new places since then.
    frame
        Number of the frame in the film.
    cuts
        Numbers of the frames that started a scene.
    looks
        How often the model looked so far.
    interrupted
        What was before a scene that began a moment ago and may be a flash.
    preparation
        `ScenePreparation` of the scene, as numbers.
    """

    ab_planes: NDArray[np.float32]
    anchor_u8: NDArray[np.uint8]
    seen: NDArray[np.float32]
    evidence: NDArray[np.float32]
    contrasts: tuple[float, ...]
    left: float
    age: int
    every: int
    unseen: float
    frame: int
    cuts: tuple[int, ...]
    looks: int
    interrupted: Self | None = None
    preparation: tuple[float, ...] = ()

    @property
    def visible(self) -> float:
        """How much can be seen: the mean contrast of the last frames."""
        return sum(self.contrasts) / len(self.contrasts)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Every value as an array, to be kept; those of `interrupted` after its name and a dot."""
        arrays = {
            name: np.asarray(getattr(self, name)) for name in self.__slots__ if name != _NESTED
        }
        if self.interrupted is not None:
            nested = self.interrupted.arrays()
            arrays |= {f"{_NESTED}.{name}": value for name, value in nested.items()}
        return arrays

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The state that `arrays` was made from; raises KeyError for one of another version."""
        start = f"{_NESTED}."
        nested = {
            name.removeprefix(start): value
            for name, value in arrays.items()
            if name.startswith(start)
        }
        return cls(
            ab_planes=arrays["ab_planes"],
            anchor_u8=arrays["anchor_u8"],
            seen=arrays["seen"],
            evidence=arrays["evidence"],
            contrasts=tuple(arrays["contrasts"].tolist()),
            cuts=tuple(arrays["cuts"].tolist()),
            left=float(arrays["left"]),
            unseen=float(arrays["unseen"]),
            age=int(arrays["age"]),
            every=int(arrays["every"]),
            frame=int(arrays["frame"]),
            preparation=tuple(arrays["preparation"].tolist()),
            looks=int(arrays["looks"]),
            interrupted=cls.of_arrays(nested) if nested else None,
        )
