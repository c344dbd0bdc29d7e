"""The colours of a reference picture, taken over by frames that show the same things."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ....errors import PictureError, UsageError, first_line
from ....kernels.reference import lab_from_srgb
from ...pictures.formats import READABLE_SUFFIXES
from ...pictures.pixel_reader import PixelReader
from ...pictures.read_options import MAX_PIXELS, ReadOptions
from .opencv import cv2

Predict: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.float32]]

# A place is a cell of so many working pixels each way.
CELL: Final = 8
# Of each place: lightness of 5 x 5 cells around it, at three scales.
_SCALES: Final = (1, 2, 4)
_REACH: Final = 2
# How much of a look-alike's distance comes from where it is (share of the picture's size), and from
# another colour in the eyes of the model (a*, b*), against L*.
POSITION_WEIGHT: Final = 20.0
COLOR_WEIGHT: Final = 0.5
# Mean squared distances: at which likeness falls to 1/e between candidates, and altogether.
SHARPNESS: Final = 4.0
UNLIKE: Final = 400.0


class ReferenceColors:
    """Corrects the model's colours by those of a reference.

    The model colours the reference too, in gray. Where it was wrong there, and a frame has a place
    that looks alike, the same correction is due. So the model's detail stays, and a frame that
    shows something else is left alone.

    Parameters
    ----------
    path
        A picture in colour, best a frame of the film that was coloured by hand.
    predict
        (h, w) L* to the model's (2, h', w') a*, b*, both upright.
    height, width
        The working size.

    Raises
    ------
    UsageError
        The picture cannot be read.
    """

    def __init__(self, path: Path, predict: Predict, height: int, width: int) -> None:
        rgb = _rgb(path)
        small = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)
        lab = lab_from_srgb(small / np.iinfo(small.dtype).max).astype(np.float32)
        l_plane = np.ascontiguousarray(lab[..., 0])
        predicted = predict(l_plane)
        self._places = _places(l_plane, predicted)
        cells = (width // CELL, height // CELL)
        meant = cv2.resize(lab[..., 1:], cells, interpolation=cv2.INTER_AREA)
        self._corrections = meant.reshape(-1, 2) - _cells(predicted, cells).reshape(-1, 2)

    def corrected(
        self, l_plane: NDArray[np.float32], ab_planes: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The model's (2, h', w') a*, b* of a frame of the working size, corrected."""
        return self.fitted(l_plane, ab_planes)[1]

    def fitted(
        self, l_plane: NDArray[np.float32], ab_planes: NDArray[np.float32]
    ) -> tuple[float, NDArray[np.float32]]:
        """How unlike the reference a frame is on average, and what `corrected` gives."""
        places = _places(l_plane, ab_planes)
        distance = (
            (places**2).sum(axis=1)[:, None]
            + (self._places**2).sum(axis=1)
            - 2 * places @ self._places.T
        )
        nearest = distance.min(axis=1, keepdims=True)
        weight = np.exp((nearest - distance) / SHARPNESS)
        correction = weight @ self._corrections / weight.sum(axis=1, keepdims=True)
        correction *= np.exp(-np.maximum(nearest, 0) / UNLIKE)
        height, width = l_plane.shape
        field = correction.reshape(height // CELL, width // CELL, 2).astype(np.float32)
        field = cv2.resize(field, ab_planes.shape[:0:-1], interpolation=cv2.INTER_CUBIC)
        corrected: NDArray[np.float32] = ab_planes + np.moveaxis(field, 2, 0)
        return float(nearest.mean()), corrected


def reference_files(path: Path) -> list[Path]:
    """The pictures that a reference names: itself, or those in a folder.

    Raises
    ------
    UsageError
        It does not exist, or is a folder without a picture.
    """
    if not path.is_dir():
        if not path.exists():
            raise UsageError(f"reference {path}: no such file")
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in READABLE_SUFFIXES)
    if not files:
        raise UsageError(f"reference {path}: no picture in this folder")
    return files


def _places(l_plane: NDArray[np.float32], ab_planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """(cells, features); the squared distance of two is their unlikeness."""
    height, width = l_plane.shape
    rows, columns = height // CELL, width // CELL
    features = []
    for scale in _SCALES:
        size = (max(1, columns // scale), max(1, rows // scale))
        coarse = cv2.resize(l_plane, size, interpolation=cv2.INTER_AREA)
        samples = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_LINEAR)
        side = 2 * _REACH * scale + 1
        around = sliding_window_view(np.pad(samples, _REACH * scale, mode="edge"), (side, side))
        patches = around[..., ::scale, ::scale].reshape(rows, columns, -1)
        features.append(patches / np.sqrt(patches.shape[2] * len(_SCALES)))
    y, x = np.mgrid[0:rows, 0:columns]
    position = np.stack([y / rows, x / columns], axis=-1) * POSITION_WEIGHT
    color = _cells(ab_planes, (columns, rows)) * COLOR_WEIGHT
    joined = np.concatenate([*features, position, color], axis=-1)
    return joined.reshape(rows * columns, -1).astype(np.float32)


def _cells(ab_planes: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    ab = np.ascontiguousarray(np.moveaxis(ab_planes, 0, 2))
    cells: NDArray[np.float32] = cv2.resize(ab, size, interpolation=cv2.INTER_AREA)
    return cells


def _rgb(path: Path) -> NDArray[Any]:
    try:
        pixels = PixelReader(path.read_bytes(), ReadOptions(max_pixels=MAX_PIXELS)).decoded().pixels
    except OSError as error:
        raise UsageError(f"reference {path}: {first_line(error)}") from error
    except PictureError as error:
        raise UsageError(f"reference {path}: {error}") from error
    if pixels.ndim != 3:
        raise UsageError(f"reference {path}: expected a picture in colour, found a gray one")
    return pixels
