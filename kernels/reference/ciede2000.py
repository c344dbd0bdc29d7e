"""The CIEDE2000 colour difference."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

_25_TO_THE_7: Final = 25.0**7


def ciede2000(lab_1: ArrayLike, lab_2: ArrayLike) -> NDArray[np.float64]:
    """Measure the difference of colours; about 1 is just noticeable.

    With weights k_L = k_C = k_H = 1; numbers in the comments are the equations of G. Sharma, W. Wu and
    E. N. Dalal, "The CIEDE2000 color-difference formula: implementation notes, supplementary test
    data, and mathematical observations", Color Research and Application 30 (2005).

    Parameters
    ----------
    lab_1, lab_2
        (..., 3) CIELAB, broadcast against each other.

    Returns
    -------
    NDArray
        (...) float64, 0 or more.
    """
    l_1, a_1, b_1 = np.moveaxis(np.asarray(lab_1, dtype=np.float64), -1, 0)
    l_2, a_2, b_2 = np.moveaxis(np.asarray(lab_2, dtype=np.float64), -1, 0)

    # Equations 2-6: a* is stretched near the gray axis, then chroma and hue of (a', b).
    mean_chroma = (np.hypot(a_1, b_1) + np.hypot(a_2, b_2)) / 2
    stretch = 1 + (1 - _saturating(mean_chroma)) / 2
    chroma_1, chroma_2 = np.hypot(a_1 * stretch, b_1), np.hypot(a_2 * stretch, b_2)
    hue_1, hue_2 = _hue(a_1 * stretch, b_1), _hue(a_2 * stretch, b_2)

    # 7-11: differences; the hue's on the shorter arc, and none where one colour is gray.
    colored = chroma_1 * chroma_2 != 0
    turn = hue_2 - hue_1
    turn = np.where(np.abs(turn) > np.pi, turn - 2 * np.pi * np.sign(turn), turn) * colored
    delta_l, delta_chroma = l_2 - l_1, chroma_2 - chroma_1
    delta_hue = 2 * np.sqrt(chroma_1 * chroma_2) * np.sin(turn / 2)

    # 12-14: means; the hue's half way on that arc, or that of the one that is not gray.
    mean_l, mean_chroma = (l_1 + l_2) / 2, (chroma_1 + chroma_2) / 2
    mean_hue = np.where(colored, hue_1 + turn / 2, hue_1 + hue_2)

    # 15-21: weights, and the rotation that couples chroma with hue in the blues.
    t = (
        1
        - 0.17 * np.cos(mean_hue - np.radians(30))
        + 0.24 * np.cos(2 * mean_hue)
        + 0.32 * np.cos(3 * mean_hue + np.radians(6))
        - 0.20 * np.cos(4 * mean_hue - np.radians(63))
    )
    off_middle = (mean_l - 50) ** 2
    weight_l = 1 + 0.015 * off_middle / np.sqrt(20 + off_middle)
    weight_chroma = 1 + 0.045 * mean_chroma
    weight_hue = 1 + 0.015 * mean_chroma * t
    degrees = np.degrees(mean_hue) % 360
    blueness = 30 * np.exp(-(((degrees - 275) / 25) ** 2))
    rotation = -2 * _saturating(mean_chroma) * np.sin(np.radians(2 * blueness))

    # 22: their sum.
    part_l, part_chroma = delta_l / weight_l, delta_chroma / weight_chroma
    part_hue = delta_hue / weight_hue
    squared = part_l**2 + part_chroma**2 + part_hue**2 + rotation * part_chroma * part_hue
    difference: NDArray[np.float64] = np.sqrt(np.maximum(squared, 0))
    return difference


def _hue(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Radians in 0..2 pi; 0 for a gray."""
    return np.arctan2(b, a) % (2 * np.pi)


def _saturating(chroma: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rise from 0 at gray to 1 at strong colours: the root that equations 4 and 17 share."""
    seventh = chroma**7
    root: NDArray[np.float64] = np.sqrt(seventh / (seventh + _25_TO_THE_7))
    return root
