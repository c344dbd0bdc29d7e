"""Smoothing over whole regions that stops at the edges of a guide.

The fast global smoother: D. Min, S. Choi, J. Lu, B. Ham, K. Sohn, M. N. Do, "Fast Global Image Smoothing
Based on Weighted Least Squares", IEEE Transactions on Image Processing 23(12), 2014: equations 7 (a row's
tridiagonal system), 10 (rows and columns in turn) and 11 (the strength of each round).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from .colorspace import Float64

ROUNDS: Final = 3


def smooth_globally(planes: ArrayLike, guide: ArrayLike, strength: float) -> Float64:
    """Spread values along regions that are flat in the guide.

    Parameters
    ----------
    planes
        (N, H, W) values.
    guide
        (G, H, W); a step of 1 between neighbours, summed over its planes, weakens their bond by e.
    strength
        Lambda of the paper: values reach about its square root in pixels where the guide is flat.

    Returns
    -------
    ndarray
        (N, H, W) float64; a constant plane stays as it is.
    """
    values = np.array(planes, np.float64)
    steps = np.asarray(guide, np.float64)
    bonds = {axis: np.exp(-np.abs(np.diff(steps, axis=axis)).sum(0)) for axis in (2, 1)}
    for turn in range(1, ROUNDS + 1):
        of_turn = 1.5 * strength * 4 ** (ROUNDS - turn) / (4**ROUNDS - 1)
        for axis, bond in bonds.items():
            lines = np.moveaxis(values, axis, 0)
            solved = _solved(lines, of_turn * np.moveaxis(bond, axis - 1, 0))
            values = np.moveaxis(solved, 0, axis)
    return np.ascontiguousarray(values)


def _solved(lines: Float64, bonds: Float64) -> Float64:
    """Solve all lines along the first axis: (1 + b[i-1] + b[i]) u[i] - b[i-1] u[i-1] - b[i] u[i+1] = f[i].

    By elimination forward and substitution backward; `lines` (K, N, M), `bonds` (K - 1, M).
    """
    count = len(lines)
    out, ratios = np.empty_like(lines), np.zeros_like(bonds)
    before = np.zeros(lines.shape[2])
    for i in range(count):
        after = bonds[i] if i < count - 1 else np.zeros_like(before)
        ratio = ratios[i - 1] if i else before
        pivot = 1 + before + after - before * ratio
        out[i] = (lines[i] + before * out[i - 1]) / pivot if i else lines[i] / pivot
        if i < count - 1:
            ratios[i] = after / pivot
        before = after
    for i in range(count - 2, -1, -1):
        out[i] += ratios[i] * out[i + 1]
    return out
