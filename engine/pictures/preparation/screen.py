"""Halftone screens: found by their two crossed frequencies, and averaged out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .sharpness import blurred, sharpened

_PATCH: Final = 128
# Cycles a pixel: coarser is texture of the scene, such as bricks; finer than 0.5 is gone already.
_LOWEST: Final = 0.2
# Texture that is coarser has its overtones there; it shows itself from here on.
_COARSE: Final = 0.05
_RINGS: Final = 40
# Power over the median at the same fineness. A newspaper's two lines have 3200 each; of 774
# photographs the five most regular (perforated metal, a facade) have 300 to 1300 on the weaker.
_MIN_PEAK: Final = 700.0
_MIN_CROSSED: Final = 450.0
# L* of each line: what JPEG leaves in plain surfaces is regular too, but fainter.
_MIN_AMPLITUDE: Final = 1.0
_SAME_FINENESS: Final = 0.12
_RIGHT_ANGLE: Final = math.radians(8)
# L* of each line that may remain: a soft screen needs less blur than one of full dots.
_REMAINS: Final = 0.6


@dataclass(frozen=True, slots=True)
class Screen:
    """A halftone screen.

    Parameters
    ----------
    period
        Pixels from line to line of dots.
    amplitude
        L* of its stronger line.
    """

    period: float
    amplitude: float


def find_screen(l_plane: NDArray[np.float32]) -> Screen | None:
    """The halftone screen in a plane; None where there is none.

    Parameters
    ----------
    l_plane
        (H, W) L* 0..100; its middle is looked at.
    """
    height, width = min(_PATCH, l_plane.shape[0]), min(_PATCH, l_plane.shape[1])
    if min(height, width) < _PATCH // 2:
        return None
    top, left = (l_plane.shape[0] - height) // 2, (l_plane.shape[1] - width) // 2
    patch = l_plane[top : top + height, left : left + width]
    spectrum = _spectrum_of(height, width)
    power = np.abs(np.fft.rfft2((patch - patch.mean()) * spectrum.window)) ** 2
    # A cosine of amplitude A under this window has a peak of A height width / 8.
    strong = spectrum.is_fine & (power > (_MIN_AMPLITUDE * height * width / 8) ** 2)
    if not strong.any():
        return None
    fineness = spectrum.fineness
    over_ring = np.where(strong, power, 0)
    over_ring /= _ring_medians(power, fineness)
    first = np.unravel_index(int(over_ring.argmax()), power.shape)
    turn = np.abs(spectrum.angle - spectrum.angle[first])
    crossed = np.abs(turn - math.pi / 2) < _RIGHT_ANGLE
    alike = np.abs(fineness / fineness[first] - 1) < _SAME_FINENESS
    second = float(np.where(crossed & alike, over_ring, 0).max())
    is_overtone = power[(fineness >= _COARSE) & (fineness < _LOWEST)].max() > power[first]
    if is_overtone or over_ring[first] < _MIN_PEAK or second < _MIN_CROSSED:
        return None
    amplitude = 8 * math.sqrt(power[first]) / (height * width)
    return Screen(period=float(1 / fineness[first]), amplitude=amplitude)


@dataclass(frozen=True, slots=True)
class _Spectrum:
    """What all patches of one size share: (h, w // 2 + 1) each, but for the window (h, w)."""

    window: NDArray[np.float32]
    fineness: NDArray[np.float64]
    angle: NDArray[np.float64]
    is_fine: NDArray[np.bool_]


@lru_cache(maxsize=8)
def _spectrum_of(height: int, width: int) -> _Spectrum:
    y, x = np.fft.fftfreq(height)[:, np.newaxis], np.fft.rfftfreq(width)[np.newaxis, :]
    fineness = np.hypot(y, x)
    return _Spectrum(
        window=np.outer(np.hanning(height), np.hanning(width)).astype(np.float32),
        fineness=fineness,
        angle=np.arctan2(y, x),
        is_fine=(fineness >= _LOWEST) & (fineness < 0.5),
    )


def without_screen(l_plane: NDArray[np.float32], screen: Screen) -> NDArray[np.float32]:
    """The plane with a screen averaged out, by a Gaussian as wide as it needs to be."""
    # A Gaussian of standard deviation s leaves exp(-2 pi^2 s^2 f^2) of frequency f.
    periods = math.sqrt(max(0.0, math.log(screen.amplitude / _REMAINS)) / 2) / math.pi
    return sharpened(blurred(l_plane, periods * screen.period), 1.0)


def _ring_medians(power: NDArray[np.float64], fineness: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each frequency the median power of all that are as fine."""
    ring = (fineness * _RINGS).astype(np.int64)
    medians = np.ones(ring.max() + 1)
    for number in range(int(_LOWEST * _RINGS), _RINGS // 2 + 1):
        medians[number] = np.median(power[ring == number]) + 1e-6 * power.max()
    return medians[ring]
