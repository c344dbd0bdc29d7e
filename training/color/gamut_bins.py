"""The 313 colours that classification chooses from: a grid over (a*, b*) where sRGB has colours."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...kernels.reference.colorspace import lab_from_srgb

BIN_SIZE: Final = 10
BIN_COUNT: Final = 313

# Finer sampling moves no bin: the nearest grid point is 0.08 ab units from being in or out.
_CUBE_STEPS: Final = 33
_DIRECTIONS: Final = 720
_GRID_REACH: Final = 130


@lru_cache(maxsize=1)
def gamut_bins() -> NDArray[np.float64]:
    """Compute the centres of the bins, ordered by a*, then b*.

    A multiple of 10 in a* and b* is a bin if it is less than one step, along either axis, from the
    convex hull of the (a*, b*) of all sRGB colours. That gives the 313 bins of R. Zhang, P. Isola
    and A. A. Efros, "Colorful Image Colorization" (2016), in their order.

    Returns
    -------
    ndarray
        (313, 2) float64, a* and b*, -110..100; read-only.
    """
    gamut_ab = lab_from_srgb(_cube_surface())[:, 1:]
    steps = np.arange(-_GRID_REACH, _GRID_REACH + 1, BIN_SIZE, dtype=np.float64)
    grid_ab = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    # Two convex shapes, the hull and the square around a grid point, are apart if some direction
    # tells them apart; a square reaches |cos| + |sin| of its half side into a direction.
    angles = np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False)
    directions = np.stack([np.cos(angles), np.sin(angles)])
    hull_reach = (gamut_ab @ directions).max(axis=0)
    square_reach = BIN_SIZE * np.abs(directions).sum(axis=0)
    bins: NDArray[np.float64] = grid_ab[
        ((grid_ab @ directions) < hull_reach + square_reach).all(axis=1)
    ]
    bins.setflags(write=False)
    return bins


def _cube_surface() -> NDArray[np.float64]:
    """(n, 3) sRGB in 0..1, the six faces of the cube: the hull's corners lie on them."""
    levels = np.linspace(0, 1, _CUBE_STEPS)
    first, second = (plane.ravel() for plane in np.meshgrid(levels, levels))
    faces = [
        np.roll(np.stack([np.full_like(first, level), first, second], axis=-1), channel, axis=-1)
        for level in (0.0, 1.0)
        for channel in range(3)
    ]
    return np.concatenate(faces)
