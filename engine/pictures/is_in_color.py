"""Whether a picture is in colour, or gray, or a photograph of a toned print."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...kernels.reference import lab_from_srgb

# `amount_of_color` of 74 photographs in colour, most of them faded, and of 74 toned prints: see
# benchmarks/toned_prints.py and docs/pictures.md.
COLOR_THRESHOLD: Final = 1.0
_SIDE: Final = 96  # pixels of the longer side that is looked at: grain is averaged away
_CENTRE: Final = 0.5  # of each side: cards, charts and captions lie outside
_KNOTS: Final = 9  # of the tone curve
_SMOOTHNESS: Final = 0.002  # how much the curve is kept from following single pixels
_KEPT: Final = 0.8  # of the pixels; the rest may be stamps, stains and specks
# What toned prints stay under, in units of a* and b*.
_SPREAD: Final = 1.2
_HUE_SPREAD: Final = 0.31
# Hand-coloured prints have colour in a few places, but strong: so much on this share of the middle. The
# faces, lips and dresses of a tinted portrait are 1 to 4 % of a picture. Yellow and brown is the colour of
# stains, and does not count.
_LOCAL_CHROMA: Final = 12.0
_LOCAL_SHARE: Final = 0.016
_STAINS: Final = (55.0, 115.0)  # hue in degrees


def is_in_color(rgb: NDArray[Any]) -> bool:
    """Whether a picture's colour is more than a function of its lightness.

    Parameters
    ----------
    rgb
        (H, W, 3) sRGB, u8 or u16.
    """
    return amount_of_color(rgb) > COLOR_THRESHOLD


def amount_of_color(rgb: NDArray[Any]) -> float:
    """Measure the colour that is no tone of a print; over 1 is a picture in colour.

    In gray and toned pictures, split-toned ones too, (a*, b*) follows from L*. What a smooth curve
    of L* leaves in the middle of the picture must be large, and spread over hues: paper that has
    yellowed in places leaves much along one line of the (a*, b*) plane and next to nothing across.
    Or it is strong in a few places, as on a print that was coloured by hand.

    Parameters
    ----------
    rgb
        (H, W, 3) sRGB, u8 or u16.
    """
    lab = _smoothed(lab_from_srgb(_reduced(rgb) / np.iinfo(rgb.dtype).max))
    rows, columns = (int(n * (1 - _CENTRE) / 2) for n in lab.shape[:2])
    middle = lab[rows : lab.shape[0] - rows, columns : lab.shape[1] - columns].reshape(-1, 3)
    left = middle[:, 1:] - _tones(middle[:, 0] / 100, middle[:, 1:])
    squared = (left**2).sum(axis=1)
    hue = np.degrees(np.arctan2(left[:, 1], left[:, 0]))
    is_stain = (hue > _STAINS[0]) & (hue < _STAINS[1])
    in_places = float(((squared > _LOCAL_CHROMA**2) & ~is_stain).mean()) / _LOCAL_SHARE
    left = left[squared <= np.quantile(squared, _KEPT)]
    least, most = np.maximum(np.linalg.eigvalsh(left.T @ left / len(left)), 0)
    all_over = min(np.sqrt(least + most) / _SPREAD, np.sqrt(least) / _HUE_SPREAD)
    return float(max(all_over, in_places))


def _reduced(rgb: NDArray[Any]) -> NDArray[np.float64]:
    """Means of squares, so that about `_SIDE` remain along the longer side."""
    height, width = rgb.shape[:2]
    factor = max(1, round(max(height, width) / _SIDE))
    if factor == 1 or min(height, width) < factor:
        return rgb.astype(np.float64)
    height, width = height // factor, width // factor
    whole = rgb[: height * factor, : width * factor]
    means: NDArray[np.float64] = whole.reshape(height, factor, width, factor, 3).mean(axis=(1, 3))
    return means


def _smoothed(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of 3 x 3 neighbours: the noise that codecs leave in chroma goes."""
    padded = np.pad(
        lab, ((1, 1), (1, 1), (0, 0)), mode="reflect" if min(lab.shape[:2]) > 1 else "edge"
    )
    height, width = lab.shape[:2]
    shifted = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.asarray(np.mean(shifted, axis=0))


def _tones(lightness: NDArray[np.float64], ab: NDArray[np.float64]) -> NDArray[np.float64]:
    """The a*, b* that a smooth curve of L* in 0..1 gives each pixel: penalised least squares."""
    knots = np.linspace(0, 1, _KNOTS)
    hats = np.stack([np.interp(lightness, knots, row) for row in np.eye(_KNOTS)], axis=1)
    steps = np.diff(np.eye(_KNOTS), axis=0)
    penalty = _SMOOTHNESS * len(ab) * steps.T @ steps + 1e-6 * np.eye(_KNOTS)
    return np.asarray(hats @ np.linalg.solve(hats.T @ hats + penalty, hats.T @ ab))
