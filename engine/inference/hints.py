"""Hints for a batch of pictures, as networks take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import UsageError
from ..pictures.hint import Hint
from .contract import ModelContract


@dataclass(frozen=True, slots=True, kw_only=True)
class HintPlanes:
    """Hints of a batch, as the graph of a model that takes them wants them.

    Parameters
    ----------
    ab
        (N, 2, H, W) float32, CIELAB a*, b* where a hint is, 0 elsewhere.
    mask
        (N, 1, H, W) float32, 1 where a hint is, 0 elsewhere.
    """

    ab: NDArray[np.float32]
    mask: NDArray[np.float32]

    @classmethod
    def of_hints(cls, hints: Sequence[Sequence[Hint]], height: int, width: int) -> HintPlanes:
        """Draw the hints of each picture of a batch; of two for one pixel the later counts.

        A hint covers the pixels whose centres are within its radius, and the one that it lies in.

        Parameters
        ----------
        hints
            Of each picture.
        height, width
            At which the network looks at them.
        """
        ab = np.zeros((len(hints), 2, height, width), np.float32)
        mask = np.zeros((len(hints), 1, height, width), np.float32)
        for index, of_picture in enumerate(hints):
            for hint in of_picture:
                place = hint.place(height, width)
                ab[index][:, place] = np.array(hint.ab, np.float32)[:, None]
                mask[index, 0, place] = 1
        return cls(ab=ab, mask=mask)

    def mirrored(self) -> HintPlanes:
        """The hints of the mirrored pictures."""
        return HintPlanes(
            ab=np.ascontiguousarray(self.ab[..., ::-1]),
            mask=np.ascontiguousarray(self.mask[..., ::-1]),
        )

    def padded(self, count: int) -> HintPlanes:
        """The hints with `count` pictures more, which have none."""
        none = (count, *self.mask.shape[2:])
        return self.joined(
            HintPlanes(
                ab=np.zeros((none[0], 2, *none[1:]), np.float32),
                mask=np.zeros((none[0], 1, *none[1:]), np.float32),
            )
        )

    def joined(self, other: HintPlanes) -> HintPlanes:
        """The hints of these pictures and, after them, of others of the same size."""
        return HintPlanes(
            ab=np.concatenate([self.ab, other.ab]), mask=np.concatenate([self.mask, other.mask])
        )


def check_hints(contract: ModelContract, hints: HintPlanes | None) -> None:
    """Refuse hints for a model that takes none.

    Raises
    ------
    UsageError
        There are hints, and the model takes none.
    """
    if hints is not None and not contract.hints:
        raise UsageError(
            f"model {contract.name} takes no hints; use one that does, as made by: colorize-export "
            "fetch siggraph17"
        )
