"""What age, film and scanning do to a gray picture; its colours stay as they were."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..augment_recipe import AugmentRecipe

# L* of faded prints: blacks rise to the first, whites sink to the second, at most.
MAX_BLACK: Final = 15.0
MIN_WHITE: Final = 82.0
MAX_BLUR_SIGMA: Final = 1.8
# Grain of most films, and of fast or enlarged ones, L*; the share of the latter.
MAX_GRAIN_SIGMA: Final = 6.0
MAX_COARSE_GRAIN_SIGMA: Final = 14.0
COARSE_GRAIN_SHARE: Final = 0.25
# Light that the base of the film throws back: from which L* on, how far and how much of it.
HALATION_FROM: Final = 75.0
MAX_HALATION_SIGMA: Final = 7.0
MAX_STAIN: Final = 14.0
MAX_SPECKS: Final = 12
MAX_SCRATCHES: Final = 3
JPEG_QUALITY: Final = (20, 75)
# Table K.1 of ITU-T T.81, at IJG's quality 50.
LUMINANCE_STEPS: Final = torch.tensor(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    dtype=torch.float32,
)
# The orthonormal cosine transform of eight values, a row for each frequency.
COSINES: Final = torch.tensor(
    [
        [
            math.sqrt((1 if k == 0 else 2) / 8) * math.cos((2 * n + 1) * k * math.pi / 16)
            for n in range(8)
        ]
        for k in range(8)
    ]
)


def aged(l_plane: Tensor, rng: np.random.Generator, augment: AugmentRecipe) -> Tensor:
    """Age a picture at random: each kind of damage befalls the recipe's share of pictures.

    In the order in which it comes about: the lens blurs, lights glow, the emulsion has grain, the print
    darkens to its edges and is stained, dust and scratches lie on it, it fades, and the scan is stored as
    a JPEG.

    Parameters
    ----------
    l_plane
        (1, H, W) float32, CIELAB L* in 0..100.
    rng
        Decides everything, so that a batch can be made again.
    augment
        The shares, 0..1.

    Returns
    -------
    Tensor
        (1, H, W) float32, L* in 0..100; a new tensor, unless nothing happened.
    """
    for share, damage in (
        (augment.blur_share, _blurred),
        (augment.halation_share, _glowing),
        (augment.grain_share, _grainy),
        (augment.vignette_share, _vignetted),
        (augment.stain_share, _stained),
        (augment.dust_share, _dusty),
    ):
        if rng.random() < share:
            l_plane = damage(l_plane, rng)
    if rng.random() < augment.tone_share:
        l_plane = _toned(l_plane, rng, augment.gamma_sigma)
    l_plane = l_plane.clamp(0, 100)
    return _stored(l_plane, rng) if rng.random() < augment.jpeg_share else l_plane


def _toned(l_plane: Tensor, rng: np.random.Generator, gamma_sigma: float) -> Tensor:
    """Bend the tone curve, and fade it between a gray black and a dull white."""
    gamma = math.exp(rng.normal(0, gamma_sigma))
    # Squared, because most prints have faded little.
    black = MAX_BLACK * rng.random() ** 2
    white = 100 - (100 - MIN_WHITE) * rng.random() ** 2
    return black + (white - black) * (l_plane / 100).clamp(0, 1) ** gamma


def _blurred(l_plane: Tensor, rng: np.random.Generator) -> Tensor:
    return _smoothed(l_plane, rng.uniform(0.4, MAX_BLUR_SIGMA))


def _smoothed(plane: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of a (1, H, W) plane."""
    radius = min(math.ceil(2.5 * sigma), *(side - 1 for side in plane.shape[1:]))
    weights = torch.exp(-(torch.arange(-radius, radius + 1.0) ** 2) / (2 * sigma**2))
    weights /= weights.sum()
    padded = functional.pad(plane[None], (radius,) * 4, mode="replicate")
    across = functional.conv2d(padded, weights.view(1, 1, 1, -1))
    return functional.conv2d(across, weights.view(1, 1, -1, 1))[0]


def _glowing(l_plane: Tensor, rng: np.random.Generator) -> Tensor:
    """Halation: let what is bright shine onto its surroundings."""
    excess = (l_plane - HALATION_FROM).clamp_min(0)
    return l_plane + rng.uniform(0.3, 1.2) * _smoothed(excess, rng.uniform(2, MAX_HALATION_SIGMA))


def _grainy(l_plane: Tensor, rng: np.random.Generator) -> Tensor:
    """Add grain of one to three pixels, strongest in the middle tones, now and then coarse."""
    _, height, width = l_plane.shape
    coarse = rng.random() < COARSE_GRAIN_SHARE
    sigma = rng.uniform(0.5, MAX_COARSE_GRAIN_SIGMA if coarse else MAX_GRAIN_SIGMA)
    size = int(rng.integers(1, 4))
    shape = (1, 1, -(-height // size) + 1, -(-width // size) + 1)
    grain = torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))
    if size > 1:
        # Clumps of silver are round: enlarged smoothly, and brought back to the spread that costs.
        scaled = tuple(side * size for side in shape[2:])
        grain = functional.interpolate(grain, size=scaled, mode="bilinear", align_corners=False)
        grain /= grain.std().clamp_min(1e-3)
    middle = 0.5 + 2 * (l_plane / 100) * (1 - l_plane / 100)
    return l_plane + sigma * middle * grain[0, :, :height, :width]


def _vignetted(l_plane: Tensor, rng: np.random.Generator) -> Tensor:
    """Darken, or bleach, towards the edges around a centre that need not be the middle."""
    _, height, width = l_plane.shape
    y = torch.linspace(-1, 1, height)[:, None] - rng.uniform(-0.4, 0.4)
    x = torch.linspace(-1, 1, width)[None] - rng.uniform(-0.4, 0.4)
    return l_plane + rng.uniform(-12, 6) * (x**2 + y**2).clamp_max(2)


def _stained(l_plane: Tensor, rng: np.random.Generator) -> Tensor:
    """Darken or bleach wide soft patches, as damp and chemicals that were not washed out do."""
    _, height, width = l_plane.shape
    coarse = torch.from_numpy(rng.standard_normal((1, 1, 5, 5), dtype=np.float32))
    field = functional.interpolate(coarse, size=(height, width), mode="bicubic", align_corners=True)
    # Patches with an edge, where the field is strong, on a ground that stays as it was.
    patch = torch.sigmoid(6 * (field[0] - rng.uniform(0.3, 1.0)))
    return l_plane + rng.uniform(-MAX_STAIN, MAX_STAIN * 0.7) * patch


def _dusty(l_plane: Tensor, rng: np.random.Generator) -> Tensor:
    """Lay specks of dust and thin upright scratches, light or dark, over the picture."""
    _, height, width = l_plane.shape
    dusty = l_plane.clone()
    for _ in range(int(rng.integers(1, MAX_SPECKS + 1))):
        tall, wide = rng.integers(1, 4, size=2)
        top, left = int(rng.integers(0, height)), int(rng.integers(0, width))
        dusty[:, top : top + tall, left : left + wide] = float(rng.choice((8.0, 95.0)))
    for _ in range(int(rng.integers(0, MAX_SCRATCHES + 1))):
        left, top = int(rng.integers(0, width)), int(rng.integers(0, height))
        length = int(rng.integers(height // 4, height + 1))
        dusty[:, top : top + length, left] += float(rng.uniform(-30, 40))
    return dusty


def _stored(l_plane: Tensor, rng: np.random.Generator) -> Tensor:
    """Round the cosines of 8 x 8 blocks as a gray JPEG does (ITU-T T.81, annexes A and K).

    Not by a JPEG library: its threads would not live on in the processes that make batches.
    """
    _, height, width = l_plane.shape
    quality = int(rng.integers(*JPEG_QUALITY))
    percent = 5000 / quality if quality < 50 else 200 - 2 * quality
    steps = (LUMINANCE_STEPS * percent / 100).round().clamp(1, 255)
    padded = functional.pad(l_plane[None], (0, -width % 8, 0, -height % 8), mode="replicate")[0, 0]
    rows, columns = padded.shape[0] // 8, padded.shape[1] // 8
    blocks = (padded * 2.55 - 128).reshape(rows, 8, columns, 8).movedim(2, 1)
    coefficients = (COSINES @ blocks @ COSINES.T / steps).round() * steps
    decoded = (COSINES.T @ coefficients @ COSINES).movedim(1, 2).reshape(1, rows * 8, columns * 8)
    return ((decoded[:, :height, :width] + 128) / 2.55).clamp(0, 100)
