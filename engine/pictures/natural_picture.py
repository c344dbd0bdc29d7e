"""Gray pictures that cost a codec what photographs cost it, made from a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Sizes are shares of the square root of the picture's area: a seed is a scene, and its pictures of
# several sizes show the same objects.
_SMALLEST: Final = 0.012
_LARGEST: Final = 0.35
_COVERS: Final = 3.0  # times that the objects' area covers the picture
_DARKEST: Final = 15.0
_BRIGHTEST: Final = 235.0
# Standard deviations in 8-bit steps. Of the grain: a well-exposed frame of a camera or scanner.
_ROUGHEST: Final = 16.0
_GRAIN: Final = 2.0


def natural_picture(height: int, width: int, seed: int) -> NDArray[np.uint8]:
    """A scene of overlapping objects with texture, shading, soft edges and grain.

    Objects that hide each other, their number falling with the cube of their size, give natural
    images' sharp edges and the spectrum of amplitude 1/f (the dead leaves model: Lee, Mumford and
    Huang, "Occlusion Models for Natural Images", 2001). As a JPEG of quality 90 it takes one to two
    bits a pixel, as photographs do.

    Parameters
    ----------
    height, width
        Pixels, at least 16.
    seed
        Of the scene; the same numbers give the same picture.

    Returns
    -------
    ndarray
        (height, width) uint8, gamma-coded.

    Raises
    ------
    ValueError
        The size is too small.
    """
    if min(height, width) < 16:
        raise ValueError(f"expected at least 16 x 16 pixels, got {width} x {height}")
    rng = np.random.default_rng(seed)
    leaves = _leaves(rng)
    texture = _pink_noise(height, width, rng)
    sky = np.linspace(_BRIGHTEST, rng.uniform(_DARKEST, _BRIGHTEST), height, dtype=np.float32)
    scene = sky[:, np.newaxis] + 2 * texture
    for leaf in leaves:
        leaf.paint(scene, texture)
    for axis in (0, 1):
        scene = _soft(scene, axis)
    scene += _GRAIN * rng.standard_normal(scene.shape, np.float32)
    picture: NDArray[np.uint8] = np.rint(scene.clip(0, 255)).astype(np.uint8)
    return picture


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaf:
    """An ellipse, turned, shaded from one side to the other, with a texture of some strength."""

    y: float
    x: float
    radius: float
    slimness: float
    angle: float
    brightness: float
    shading: float
    roughness: float

    def paint(self, scene: NDArray[np.float32], texture: NDArray[np.float32]) -> None:
        """Cover what of the scene lies behind."""
        unit = math.sqrt(scene.size)
        radius = self.radius * unit
        y, x = self.y * scene.shape[0], self.x * scene.shape[1]
        rows = slice(max(0, int(y - radius)), max(0, math.ceil(y + radius)))
        columns = slice(max(0, int(x - radius)), max(0, math.ceil(x + radius)))
        behind = scene[rows, columns]
        down = ((np.arange(behind.shape[0]) + rows.start - y) / radius).astype(np.float32)
        right = ((np.arange(behind.shape[1]) + columns.start - x) / radius).astype(np.float32)
        cosine, sine = np.float32(math.cos(self.angle)), np.float32(math.sin(self.angle))
        along = (cosine * down)[:, np.newaxis] + (sine * right)[np.newaxis]
        across = (cosine * right)[np.newaxis] - (sine * down)[:, np.newaxis]
        across *= np.float32(1 / self.slimness)
        inside = along * along + across * across < 1
        along *= np.float32(self.shading)
        along += np.float32(self.brightness)
        along += np.float32(self.roughness) * texture[rows, columns]
        np.copyto(behind, along, where=inside)


def _leaves(rng: np.random.Generator) -> list[_Leaf]:
    mean_square = 2 * _SMALLEST**2 * math.log(_LARGEST / _SMALLEST)
    count = int(_COVERS / (math.pi * mean_square * 0.7))
    # Radii of a density that falls with the cube, by the inverse of its distribution.
    least, most = _LARGEST**-2, _SMALLEST**-2
    radii = (most - rng.random(count) * (most - least)) ** -0.5
    return [
        _Leaf(
            y=rng.uniform(-0.05, 1.05),
            x=rng.uniform(-0.05, 1.05),
            radius=float(radius),
            slimness=rng.uniform(0.4, 1.0),
            angle=rng.uniform(0, math.pi),
            brightness=rng.uniform(_DARKEST, _BRIGHTEST),
            shading=rng.uniform(-30, 30),
            roughness=_ROUGHEST * rng.random() ** 2,
        )
        for radius in radii
    ]


def _pink_noise(height: int, width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """(height, width) of deviation 1 whose amplitude falls with 1/f."""
    spectrum = np.fft.rfft2(rng.standard_normal((height, width), np.float32))
    vertical = np.fft.fftfreq(height).astype(np.float32)[:, np.newaxis] * height
    horizontal = np.fft.rfftfreq(width).astype(np.float32)[np.newaxis] * width
    frequency = np.hypot(vertical, horizontal)
    frequency[0, 0] = np.inf
    spectrum /= frequency
    noise = np.fft.irfft2(spectrum, (height, width))
    pink: NDArray[np.float32] = (noise / noise.std()).astype(np.float32)
    return pink


def _soft(scene: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """A lens' blur along an axis: weights 1 2 1."""
    padding = [(1, 1) if at == axis else (0, 0) for at in (0, 1)]
    padded = np.pad(scene, padding, mode="edge")
    before, at, after = (
        padded[(slice(None),) * axis + (slice(first, padded.shape[axis] - 2 + first),)]
        for first in (0, 1, 2)
    )
    soft = before + at
    soft += at
    soft += after
    soft *= 0.25
    return soft
