"""Photographs to measure a model's ranges, errors and colourfulness on."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...engine.inference.contract import ModelContract
from ...engine.inference.working_shape import working_shape
from ...errors import UsageError
from ...kernels import cpu
from ...training.dataset.photo_cache import PhotoCache

VALIDATION_SHARE: Final = 0.03


def calibration_planes(
    cache_dir: Path, contract: ModelContract, photos: int, *, seed: int = 0
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """Draw photographs from a cache, at the model's working shapes.

    Parameters
    ----------
    cache_dir
        Of `colorize-train data prepare`.
    contract
        Of the model.
    photos
        How many to calibrate on, at most; half as many others are to check on.
    seed
        Of the draw.

    Returns
    -------
    tuple of two lists
        (1, 1, H, W) L* 0..100 each: from the photographs that a recipe trains on, and from those
        that it holds out.

    Raises
    ------
    DatasetError
        There is no usable cache.
    UsageError
        `photos` is under 2.
    """
    if photos < 2:
        raise UsageError(f"photos {photos}: expected at least 2")
    cache = PhotoCache(cache_dir)
    training, validation = cache.split(VALIDATION_SHARE)
    rng = np.random.default_rng(seed)

    def planes(indices: list[int], most: int) -> list[NDArray[np.float32]]:
        return [l_batch_of(photo, contract) for photo in _drawn(cache, indices, most, rng)]

    return planes(training, photos), planes(validation or training, photos // 2)


def held_out_photos(cache_dir: Path, photos: int, *, seed: int = 0) -> list[NDArray[np.uint8]]:
    """Draw photographs that a recipe holds out; of a cache that spares none, any.

    Parameters
    ----------
    cache_dir
        Of `colorize-train data prepare`.
    photos
        How many at most.
    seed
        Of the draw.

    Returns
    -------
    list of NDArray
        (H, W, 3) uint8 sRGB each.

    Raises
    ------
    DatasetError
        There is no usable cache.
    UsageError
        `photos` is under 1.
    """
    if photos < 1:
        raise UsageError(f"photos {photos}: expected at least 1")
    cache = PhotoCache(cache_dir)
    training, validation = cache.split(VALIDATION_SHARE)
    return _drawn(cache, validation or training, photos, np.random.default_rng(seed))


def l_batch_of(rgb_u8: NDArray[np.uint8], contract: ModelContract) -> NDArray[np.float32]:
    """(H, W, 3) uint8 sRGB to (1, 1, h, w) L* 0..100 at the model's working shape."""
    height, width = working_shape(rgb_u8.shape[0], rgb_u8.shape[1], contract)
    return cpu.l_plane(np.ascontiguousarray(rgb_u8), height, width)[None, None]


def _drawn(
    cache: PhotoCache, indices: list[int], most: int, rng: np.random.Generator
) -> list[NDArray[np.uint8]]:
    return [cache.rgb_u8(int(index)) for index in rng.permutation(indices)[:most]]
