"""How the planes of a film code luma and chroma."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .colorspace import LINEAR_FROM_XYZ, WHITE_XYZ

# ITU-R BT.2087, M2: linear BT.2020 from linear BT.709.
BT2020_FROM_BT709: Final = np.array(
    [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChromaCode:
    """The matrix, range and depth of YCbCr planes, after ITU-T H.273.

    Parameters
    ----------
    depth
        Bits of a code, 8..16.
    full_range
        Whether luma covers all codes, or 16..235 and chroma 16..240 (of 8 bits).
    red_weight, blue_weight
        In luma; green has the rest.
    is_wide
        The primaries are those of BT.2020, not of sRGB.
    """

    depth: int
    full_range: bool
    red_weight: float
    blue_weight: float
    is_wide: bool = False

    @property
    def top(self) -> int:
        """The highest code."""
        return (1 << self.depth) - 1

    @property
    def neutral(self) -> int:
        """The code of no chroma."""
        return 1 << (self.depth - 1)

    @property
    def luma_range(self) -> tuple[int, int]:
        """The codes of black and white."""
        unit = 1 << (self.depth - 8)
        return (0, self.top) if self.full_range else (16 * unit, 235 * unit)

    @property
    def chroma_scale(self) -> tuple[float, float]:
        """Codes of Cb to a unit of blue - luma, and of Cr to one of red - luma."""
        span = self.top if self.full_range else 224 << (self.depth - 8)
        return span / (2 * (1 - self.blue_weight)), span / (2 * (1 - self.red_weight))

    @property
    def weights(self) -> NDArray[np.float64]:
        """(3,) of red, green and blue in luma."""
        return np.array([self.red_weight, 1 - self.red_weight - self.blue_weight, self.blue_weight])

    @property
    def linear_from_xyz(self) -> NDArray[np.float64]:
        """(3, 3): linear RGB of its primaries from XYZ over their white."""
        matrix: NDArray[np.float64] = LINEAR_FROM_XYZ * WHITE_XYZ
        return BT2020_FROM_BT709 @ matrix if self.is_wide else matrix

    def members(self) -> NDArray[np.float32]:
        """(15,) what the native kernel takes: the members of `ChromaCode` in rows.hpp."""
        low, high = self.luma_range
        matrix = self.linear_from_xyz
        parts = (
            (low, 1 / (high - low)), self.weights, matrix[:, 0], matrix[:, 2],
            self.chroma_scale, (self.neutral, self.top),
        )  # fmt: skip
        return np.concatenate(parts).astype(np.float32)
