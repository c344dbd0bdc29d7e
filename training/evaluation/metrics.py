"""What is measured of predicted pictures against the true one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...kernels.reference import lab_from_srgb
from ...kernels.reference.ciede2000 import ciede2000
from .bleeding import Bleeding
from .blotches import Blotches
from .ssim import StructuralSimilarity

RgbU8 = NDArray[np.uint8]

# Of 8-bit pictures that differ in less than one value in ten thousand, and of equal ones.
MAX_PSNR_DB: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorMetrics:
    """Measured of one picture, or averaged over many.

    Attributes
    ----------
    ciede2000
        Mean colour difference of its pixels from the true ones; lower is better.
    psnr_db
        Peak signal-to-noise ratio over R, G and B; higher is better.
    ssim
        Structural similarity over R, G and B, 1 for equals; higher is better.
    colorfulness
        See `colorfulness`.
    colorfulness_gap
        How far it is from the truth's, either way; lower is better.
    blotches
        Variation of colour where the truth is plain, ab units; see `Blotches`. nan if nothing is plain.
    bleeding
        Share of the colours' steps that is missing beside edges; see `Bleeding`. nan without an edge.
    """

    ciede2000: float
    psnr_db: float
    ssim: float
    colorfulness: float
    colorfulness_gap: float
    blotches: float
    bleeding: float


def color_metrics(predicted: Mapping[str, RgbU8], true: RgbU8) -> dict[str, ColorMetrics]:
    """Compare pictures, by name, with the true one: (H, W, 3) uint8 sRGB, all of one size."""
    true_lab, true_colorfulness = lab_from_srgb(true / 255), colorfulness(true)
    blotches, bleeding = Blotches(true_lab), Bleeding(true_lab)
    similarity = StructuralSimilarity(true)
    measured = {}
    for name, rgb_u8 in predicted.items():
        colors, lab = colorfulness(rgb_u8), lab_from_srgb(rgb_u8 / 255)
        measured[name] = ColorMetrics(
            ciede2000=float(ciede2000(lab, true_lab).mean()),
            psnr_db=psnr_db(rgb_u8, true),
            ssim=similarity.of(rgb_u8),
            colorfulness=colors,
            colorfulness_gap=abs(colors - true_colorfulness),
            blotches=blotches.of(lab),
            bleeding=bleeding.of(lab),
        )
    return measured


def psnr_db(predicted: RgbU8, true: RgbU8) -> float:
    """Peak signal-to-noise ratio of 8-bit pictures, dB, at most `MAX_PSNR_DB`."""
    squared_error = float(np.mean((predicted.astype(np.float64) - true) ** 2))
    if squared_error == 0:
        return MAX_PSNR_DB
    return min(MAX_PSNR_DB, 10 * math.log10(255**2 / squared_error))


def colorfulness(rgb_u8_hwc: RgbU8) -> float:
    """Colourfulness of a picture: 0 gray, about 15 slightly, 45 averagely, 110 extremely.

    D. Hasler and S. Suesstrunk, "Measuring colourfulness in natural images", Human Vision and
    Electronic Imaging VIII (2003), section 6: the metric M of the opponent colours rg and yb.
    """
    red, green, blue = np.moveaxis(rgb_u8_hwc.astype(np.float64), -1, 0)
    rg, yb = red - green, (red + green) / 2 - blue
    spread, offset = math.hypot(rg.std(), yb.std()), math.hypot(rg.mean(), yb.mean())
    return spread + 0.3 * offset
