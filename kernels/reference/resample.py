"""Changing the size of planes: down by area, up by lines, up along the edges of a guide."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .colorspace import Float64

Upsample: TypeAlias = Literal["bilinear", "guided"]

GUIDE_RADIUS: Final = 1  # cells of the small planes on each side of a window's centre
GUIDE_EPSILON: Final = 1e-2  # variance of luma (0..1) that counts as texture, not as an edge


def area_weights(size_in: int, size_out: int) -> Float64:
    """The matrix (size_out, size_in) that resamples one axis; every row sums to 1.

    Making an axis smaller integrates exactly over each output cell, whole and partial input cells
    alike. Making it larger interpolates by `bilinear_weights`.
    """
    if size_out > size_in:
        return bilinear_weights(size_in, size_out)
    edges_out = np.arange(size_out + 1) * (size_in / size_out)
    cells_in = np.arange(size_in)
    upper = np.minimum(edges_out[1:, None], cells_in + 1)
    lower = np.maximum(edges_out[:-1, None], cells_in)
    weights: Float64 = np.maximum(upper - lower, 0) * (size_out / size_in)
    return weights


def bilinear_weights(size_in: int, size_out: int) -> Float64:
    """The matrix (size_out, size_in) of linear interpolation: half-pixel centres, edges clamped."""
    centres = (np.arange(size_out) + 0.5) * (size_in / size_out) - 0.5
    centres = np.clip(centres, 0, size_in - 1)
    weights: Float64 = np.maximum(1 - np.abs(centres[:, None] - np.arange(size_in)), 0)
    return weights


def resize_area(picture: ArrayLike, height: int, width: int) -> Float64:
    """Average a picture down to (height, width); an axis that grows is interpolated.

    Parameters
    ----------
    picture
        (H, W) or (H, W, C), any real type.

    Returns
    -------
    ndarray
        (height, width) or (height, width, C) float64 in the unit of the input.
    """
    picture = np.asarray(picture, dtype=np.float64)
    rows = area_weights(picture.shape[0], height)
    columns = area_weights(picture.shape[1], width)
    small: Float64 = np.einsum("yi,ij...,xj->yx...", rows, picture, columns, optimize=True)
    return small


def upsample_bilinear(planes: ArrayLike, height: int, width: int) -> Float64:
    """Interpolate planes (..., h, w) to (..., height, width): half-pixel centres, edges clamped."""
    planes = np.asarray(planes, dtype=np.float64)
    rows = bilinear_weights(planes.shape[-2], height)
    columns = bilinear_weights(planes.shape[-1], width)
    large: Float64 = rows @ planes @ columns.T
    return large


def upsample_guided(planes: ArrayLike, guide: ArrayLike) -> Float64:
    """Enlarge planes to the size of a guide so that their edges lie on the guide's edges.

    Within a small window each plane is taken for a line in the guide, p = slope * guide +
    intercept. The slope is that of the fast guided filter (He and Sun, "Fast Guided Filter", 2015,
    arXiv:1505.00996): fitted at the planes' own size and averaged over windows cut at the border.
    Unlike there, the line passes through the plane's own value in each cell, so that nothing of the
    planes is smoothed away. Slope and intercept are enlarged and applied to the full-size guide.

    Parameters
    ----------
    planes
        (n, h, w).
    guide
        (H, W) luma, 0..1.

    Returns
    -------
    ndarray
        (n, H, W) float64 in the unit of `planes`.
    """
    planes = np.asarray(planes, dtype=np.float64)
    guide = np.asarray(guide, dtype=np.float64)
    small_guide = resize_area(guide, *planes.shape[-2:])
    guide_mean = _window_mean(small_guide)
    variance = _window_mean(small_guide**2) - guide_mean**2
    covariance = _window_mean(small_guide * planes) - guide_mean * _window_mean(planes)
    slope = _window_mean(covariance / (variance + GUIDE_EPSILON))
    intercept = planes - slope * small_guide
    slope, intercept = (upsample_bilinear(line, *guide.shape) for line in (slope, intercept))
    followed: Float64 = slope * guide + intercept
    return followed


def upsample_ab(ab_planes: ArrayLike, guide: ArrayLike, upsample: Upsample) -> Float64:
    """Enlarge (2, h, w) ab planes to the size of `guide` (H, W) in the way that `upsample` names."""
    if upsample == "guided":
        return upsample_guided(ab_planes, guide)
    return upsample_bilinear(ab_planes, *np.shape(guide))


def _window_mean(planes: Float64) -> Float64:
    """Mean over the (2 GUIDE_RADIUS + 1)-square window about each cell, cut at the border."""
    for axis in (-2, -1):
        cells = np.arange(planes.shape[axis])
        near = np.abs(cells[:, None] - cells) <= GUIDE_RADIUS
        weights = near / near.sum(axis=1, keepdims=True)
        planes = np.moveaxis(np.moveaxis(planes, axis, -1) @ weights.T, -1, axis)
    return planes
