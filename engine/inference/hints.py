"""Colours that a person gives for places of a picture, as networks take them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import UsageError
from ...kernels.reference.colorspace import lab_from_srgb
from .contract import ModelContract

KEEP_GRAY: Final = "gray"
# Three pixels across where a network looks at 256.
RADIUS: Final = 0.006


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A colour for a place.

    Parameters
    ----------
    x, y
        Of the upright picture: 0 at its left and upper edge, 1 at the right and lower one.
    color
        "#rrggbb" in sRGB, of which a* and b* count (the light stays the picture's), or "gray".
    radius
        Of the place, as a share of the picture's longer side.
    """

    x: float
    y: float
    color: str
    radius: float = RADIUS

    def __post_init__(self) -> None:
        for name in ("x", "y", "radius"):
            value = getattr(self, name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not 0 <= value <= 1:
                raise UsageError(f"hint: {name} must be a number in 0..1, got {value!r}")
        if self.color != KEEP_GRAY and not re.fullmatch("#[0-9a-fA-F]{6}", str(self.color)):
            raise UsageError(f"hint: color must be '#rrggbb' or 'gray', got {self.color!r}")

    @property
    def ab(self) -> tuple[float, float]:
        """CIELAB a*, b* of the colour."""
        if self.color == KEEP_GRAY:
            return 0.0, 0.0
        rgb = np.frombuffer(bytes.fromhex(self.color[1:]), np.uint8) / 255
        _, a, b = lab_from_srgb(rgb)
        return float(a), float(b)

    @classmethod
    def from_json(cls, entry: Any) -> Hint:
        """Read one hint of a JSON file: an object with x, y, color and, if need be, radius.

        Raises
        ------
        UsageError
            It is no such object.
        """
        names = {"x", "y", "color", "radius"}
        if not isinstance(entry, dict) or not {"x", "y", "color"} <= entry.keys() <= names:
            raise UsageError(f"hint: expected an object with x, y, color and radius, got {entry!r}")
        return cls(**entry)


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
                place = _place(hint, height, width)
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
    if hints is not None:
        require_hints(contract)


def require_hints(contract: ModelContract) -> None:
    """Raise UsageError unless a model takes hints."""
    if not contract.hints:
        raise UsageError(
            f"model {contract.name} takes no hints; use one that does, as made by: colorize-export "
            "fetch siggraph17"
        )


def _place(hint: Hint, height: int, width: int) -> NDArray[np.bool_]:
    row, column = hint.y * height, hint.x * width
    rows, columns = (axis + 0.5 for axis in np.ogrid[:height, :width])
    reach = hint.radius * max(height, width)
    place: NDArray[np.bool_] = (rows - row) ** 2 + (columns - column) ** 2 <= reach**2
    place[min(int(row), height - 1), min(int(column), width - 1)] = True
    return place
