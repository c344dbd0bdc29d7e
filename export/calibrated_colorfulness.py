"""A model's colourfulness, calibrated on photographs by a curve of chroma."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from ..errors import ModelError, UsageError
from ..kernels.reference import lab_from_srgb, srgb_from_lab
from ..training.color.color_difference import ciede2000_of_ab
from ..training.evaluation.metrics import colorfulness
from .graph.chroma_curve import ChromaCurve, add_chroma_curve, pop_chroma_curve
from .graph.read_model import read_model
from .graph.write_model import write_model
from .parity.calibration import l_batch_of
from .parity.onnx_on_cpu import ab_on_cpu

# Candidates for the curve's limit, ab units: few colours of photographs are stronger.
LIMITS: Final = (50.0, 65.0, 80.0, 110.0)
# Of limit over half: between which the curve is looked for, and how finely.
_GAINS: Final = (0.1, 100.0)
_HALVINGS: Final = 12
# Colours are smooth: every second pixel each way tells as much.
_EVERY: Final = 2

Recolor = Callable[[NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Colourfulness of a model's pictures, and their distance from the truth.

    Attributes
    ----------
    colorfulness
        Mean over the photographs, as a share of the truth's.
    under_gray
        How far the mean CIEDE2000 is under that of leaving them gray, as a share of it.
    """

    colorfulness: float
    under_gray: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """The curve that a model got, and its pictures without and with it."""

    curve: ChromaCurve
    before: Measured
    after: Measured


def calibrate_colorfulness(
    source: Path, output: Path, photos: Sequence[NDArray[np.uint8]], *, colorfulness_share: float
) -> Calibrated:
    """Write a model whose pictures have `colorfulness_share` of the truth's colourfulness.

    Of the curves that give it on `photos`, the one with the least CIEDE2000. A curve that the model
    has already is replaced.

    Parameters
    ----------
    source
        An ONNX file under the contract.
    output
        Replaced if it exists; may be `source`.
    photos
        (H, W, 3) uint8 sRGB, that the model was not trained on.
    colorfulness_share
        0.1 to 1.5, of the mean over the photographs.

    Raises
    ------
    ModelError, ContractError
        The source is no model, or not under the contract, or so pale that no curve can repair it.
    UnwritableError
        The file cannot be written.
    UsageError
        No photographs, or the share is out of its range.
    """
    if not photos:
        raise UsageError("export: calibration needs photographs that the model was not trained on")
    if not 0.1 <= colorfulness_share <= 1.5:
        raise UsageError(f"export: colorfulness {colorfulness_share}: expected 0.1 to 1.5")
    model, contract, _ = read_model(source)
    pop_chroma_curve(model)
    l_batches = [l_batch_of(photo, contract) for photo in photos]
    predicted = ab_on_cpu(model.SerializeToString(), l_batches)
    measured = _Comparison(photos, predicted)
    before = measured.of(lambda ab: ab)
    candidates = [_curve_for(measured, limit, colorfulness_share) for limit in LIMITS]
    results = [(measured.of(curve.of), curve) for curve in candidates]
    reached = [each for each in results if each[0].colorfulness >= 0.98 * colorfulness_share]
    if not reached:
        raise ModelError(
            f"{source}: too pale to calibrate: no curve gives {colorfulness_share:.0%} of the "
            "truth's colourfulness; ask for less, or train it longer"
        )
    after, curve = max(reached, key=lambda each: each[0].under_gray)
    add_chroma_curve(model, curve)
    write_model(model, output)
    return Calibrated(curve=curve, before=before, after=after)


class _Comparison:
    """Predictions beside the true colours."""

    def __init__(
        self, photos: Sequence[NDArray[np.uint8]], predicted: Sequence[NDArray[np.float32]]
    ) -> None:
        self._predicted = [ab[:, :, ::_EVERY, ::_EVERY] for ab in predicted]
        self._true_lab = [
            _lab_at(photo, ab.shape[2], ab.shape[3])
            for photo, ab in zip(photos, self._predicted, strict=True)
        ]
        self._gray_ciede2000, _ = self._mean([np.zeros_like(ab) for ab in self._predicted])
        _, self._true_colorfulness = self._mean([lab[:, 1:] for lab in self._true_lab])

    def of(self, recolor: Recolor) -> Measured:
        """Measure the predictions after `recolor`."""
        ciede2000, colors = self._mean([recolor(ab) for ab in self._predicted])
        return Measured(
            colorfulness=colors / max(self._true_colorfulness, 1e-6),
            under_gray=1 - ciede2000 / max(self._gray_ciede2000, 1e-6),
        )

    def _mean(self, ab_batches: Sequence[NDArray[np.float32]]) -> tuple[float, float]:
        """Mean over the photographs of CIEDE2000 and of colourfulness, with these colours."""
        results = []
        for ab, true_lab in zip(ab_batches, self._true_lab, strict=True):
            squared = ciede2000_of_ab(torch.from_numpy(ab), torch.from_numpy(true_lab[:, 1:]))
            lab = np.concatenate([true_lab[:, :1], ab], axis=1)[0].transpose(1, 2, 0)
            rgb = np.clip(srgb_from_lab(lab), 0, 1)
            rgb_u8 = np.rint(rgb * 255).astype(np.uint8)
            results.append((float(squared.sqrt().mean()), colorfulness(rgb_u8)))
        ciede2000, colors = np.mean(results, axis=0)
        return float(ciede2000), float(colors)


def _curve_for(measured: _Comparison, limit: float, share: float) -> ChromaCurve:
    """Find the curve of this limit with this colourfulness: it grows as `half` falls."""
    low, high = (limit / gain for gain in reversed(_GAINS))
    for _ in range(_HALVINGS):
        half = float(np.sqrt(low * high))
        found = measured.of(ChromaCurve(limit=limit, half=half).of)
        low, high = (low, half) if found.colorfulness < share else (half, high)
    return ChromaCurve(limit=limit, half=round(float(np.sqrt(low * high)), 2))


def _lab_at(rgb_u8: NDArray[np.uint8], height: int, width: int) -> NDArray[np.float32]:
    """(1, 3, height, width) CIELAB of a photograph, reduced."""
    planes = torch.from_numpy(np.ascontiguousarray(rgb_u8.transpose(2, 0, 1))).float()[None] / 255
    reduced = functional.interpolate(planes, size=(height, width), mode="area")
    lab = lab_from_srgb(reduced[0].numpy().transpose(1, 2, 0))
    return np.ascontiguousarray(lab.transpose(2, 0, 1)[None], dtype=np.float32)
