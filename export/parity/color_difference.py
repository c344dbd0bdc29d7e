"""How far one path through a model is from another, and how far it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...engine.pictures.look import Look
from ...errors import ModelError, UsageError
from ...kernels.reference.ciede2000 import ciede2000
from ...kernels.reference.colorspace import lab_from_srgb
from .parity_pictures import ParityPicture


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorDifference:
    """Over all pictures of a comparison; NaN where a path gave what is no number.

    Parameters
    ----------
    max_ab, mean_ab
        Largest and mean absolute difference of a* and b*, ab units.
    mean_ciede2000
        Of the finished pictures, 8 bit sRGB; about 1 is just noticeable. NaN until measured.
    """

    max_ab: float
    mean_ab: float
    mean_ciede2000: float = float("nan")

    @classmethod
    def of_ab(
        cls,
        expected: Sequence[NDArray[np.float32]],
        found: Sequence[NDArray[np.float32]],
    ) -> ColorDifference:
        """Compare predictions alone.

        Parameters
        ----------
        expected, found
            (1, 2, h, w) CIELAB a*, b* of the same pictures in the same order.

        Raises
        ------
        ModelError
            The shapes differ.
        """
        for one, other in zip(expected, found, strict=True):
            if one.shape != other.shape:
                raise ModelError(
                    f"export: expected ab of shape {one.shape}, got {other.shape}; export it again"
                )
        # Subtracting infinities gives NaN, which is the answer wanted.
        with np.errstate(invalid="ignore", over="ignore"):
            errors = [
                np.abs(one - other).astype(np.float64)
                for one, other in zip(expected, found, strict=True)
            ]
        return cls(
            max_ab=float(np.max([error.max() for error in errors])),
            mean_ab=float(np.mean([error.mean() for error in errors])),
        )

    @classmethod
    def of_pictures(
        cls,
        pictures: Sequence[ParityPicture],
        expected: Sequence[NDArray[np.float32]],
        found: Sequence[NDArray[np.float32]],
    ) -> ColorDifference:
        """Compare predictions, and the pictures that they finish.

        Raises
        ------
        ModelError
            The shapes differ.
        """
        of_ab = cls.of_ab(expected, found)
        if not np.isfinite(of_ab.max_ab):
            return of_ab
        means = [
            ciede2000(_lab(picture, one), _lab(picture, other)).mean()
            for picture, one, other in zip(pictures, expected, found, strict=True)
        ]
        return cls(max_ab=of_ab.max_ab, mean_ab=of_ab.mean_ab, mean_ciede2000=float(np.mean(means)))

    def __str__(self) -> str:
        return _told(self.max_ab, self.mean_ab, self.mean_ciede2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityBounds:
    """Bounds on the difference of a model in another precision, or on another device.

    The defaults lie below what anyone sees: no place is off by a just noticeable difference, and a
    finished picture by a fifth of one.

    Parameters
    ----------
    max_ab, mean_ab, mean_ciede2000
        See `ColorDifference`.

    Raises
    ------
    UsageError
        A bound is not positive.
    """

    max_ab: float = 1.0
    mean_ab: float = 0.1
    mean_ciede2000: float = 0.2

    def __post_init__(self) -> None:
        if not min(self.max_ab, self.mean_ab, self.mean_ciede2000) > 0:
            raise UsageError("parity: expected bounds above 0")

    def __str__(self) -> str:
        return _told(self.max_ab, self.mean_ab, self.mean_ciede2000)

    def share_used(self, difference: ColorDifference) -> float:
        """Share of the bounds on ab that is used up: 1 is all, infinite if it is no number."""
        shares = (difference.max_ab / self.max_ab, difference.mean_ab / self.mean_ab)
        return max(shares) if all(map(np.isfinite, shares)) else float("inf")

    def allow(self, difference: ColorDifference) -> bool:
        """Whether a difference, with its pictures, is within all of them."""
        return self.share_used(difference) <= 1 and difference.mean_ciede2000 <= self.mean_ciede2000


def _told(max_ab: float, mean_ab: float, mean_ciede2000: float) -> str:
    return f"{max_ab:.3g} ab ({mean_ab:.3g} on average, CIEDE2000 {mean_ciede2000:.3g})"


def _lab(picture: ParityPicture, ab_batch: NDArray[np.float32]) -> NDArray[np.float64]:
    """(H, W, 3) CIELAB of the finished picture."""
    rgb_u8 = picture.gray.recolored(ab_batch[0], Look()).channels_last()
    return lab_from_srgb(rgb_u8 / 255)
