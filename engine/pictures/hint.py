"""A colour that a person gives for a place of a picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...errors import UsageError
from ...kernels.reference.colorspace import lab_from_srgb

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

    def place(self, height: int, width: int) -> NDArray[np.bool_]:
        """(height, width), whether a pixel's centre is within the radius; the one it lies in always is."""
        row, column = self.y * height, self.x * width
        rows, columns = (axis + 0.5 for axis in np.ogrid[:height, :width])
        reach = self.radius * max(height, width)
        place: NDArray[np.bool_] = (rows - row) ** 2 + (columns - column) ** 2 <= reach**2
        place[min(int(row), height - 1), min(int(column), width - 1)] = True
        return place

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
