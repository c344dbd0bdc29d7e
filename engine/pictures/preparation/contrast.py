"""Contrast of what a network sees: stretched where a print is faded, its colours scaled back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# L* of the darkest and the lightest half percent: dust and scratches may lie beyond.
_TAILS: Final = (0.5, 99.5)
_DARK_L: Final = 3.0
_LIGHT_L: Final = 96.0
# Photographs in good condition have gains of up to 1.3, where stretching costs colour and brings
# nothing; from 1.8 on it is done in full.
_GAIN_FROM: Final = 1.35
_GAIN_FULL: Final = 1.8
# Beyond this gain all of a picture lies within a tenth of L*: white paper is shown white.
_BLANK_GAIN: Final = (_LIGHT_L - _DARK_L) / 0.1
_MAX_GAIN: Final = 1e3
_BINS_PER_L: Final = 20


@dataclass(frozen=True, slots=True)
class Contrast:
    """How lightness is stretched; the same for all frames of a scene.

    Parameters
    ----------
    gain
        From L* as it is to L* as it is shown, at least 1; colours are divided by it.
    offset
        Added after the gain.
    """

    gain: float = 1.0
    offset: float = 0.0

    @classmethod
    def of(cls, *l_planes: NDArray[np.float32]) -> Contrast:
        """The contrast that brings planes (H, W) of L* 0..100 of one scene to full range."""
        return cls.between(*tails(*l_planes))

    @classmethod
    def between(cls, dark_l: float, light_l: float) -> Contrast:
        """The contrast for what lies between two L*, such as those of a whole scene."""
        full = min((_LIGHT_L - _DARK_L) / max(light_l - dark_l, 1e-6), _MAX_GAIN)
        if full <= _GAIN_FROM:
            return cls()
        # Smooth from none to full, so that two pictures that are nearly alike are treated alike.
        part = (math.log(full) - math.log(_GAIN_FROM)) / math.log(_GAIN_FULL / _GAIN_FROM)
        gain = full ** (_smooth(part))
        middle, shown = (dark_l + light_l) / 2, (_DARK_L + _LIGHT_L) / 2
        # Where the stretch is partial the picture's own tone is kept as far.
        at = middle + (shown - middle) * math.log(gain) / math.log(full)
        return cls(gain=gain, offset=at - gain * middle)

    def stretched(self, l_plane: NDArray[np.float32]) -> NDArray[np.float32]:
        """The plane as it is shown; itself where nothing is to be done, or nothing is seen."""
        if self.gain == 1.0 or self.gain > _BLANK_GAIN:
            return l_plane
        shown = l_plane * np.float32(self.gain) + np.float32(self.offset)
        stretched: NDArray[np.float32] = np.clip(shown, 0, 100)
        return stretched


def tails(*l_planes: NDArray[np.float32]) -> tuple[float, float]:
    """L* under which the darkest half percent of planes (H, W) lies, and over which the lightest."""
    counts = np.zeros(100 * _BINS_PER_L + 2, np.int64)
    for plane in l_planes:
        # One pixel in four tells as much.
        codes = (plane[::2, ::2] * np.float32(_BINS_PER_L)).astype(np.int16)
        counts += np.bincount(codes.ravel(), minlength=len(counts))
    below = np.cumsum(counts)
    shares = np.array(_TAILS) / 100 * below[-1]
    dark, light = np.searchsorted(below, shares)
    return float(dark / _BINS_PER_L), float((light + 1) / _BINS_PER_L)


def _smooth(part: float) -> float:
    part = min(max(part, 0.0), 1.0)
    return part * part * (3 - 2 * part)
