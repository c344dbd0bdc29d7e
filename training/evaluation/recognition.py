"""Whether a classifier of photographs takes recoloured pictures for what they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from ..models.efficientnet_lite import (
    PIXEL_MEAN,
    PIXEL_STD,
    EfficientNetLite,
    load_imagenet_weights,
)
from .frechet import frechet_distance
from .labels import Labels
from .metrics import RgbU8
from .scores import ScoredPhoto

TRUTH: Final = "truth"
SIDE: Final = 224
# Of the short side, in the middle: how the classifier is usually evaluated.
CENTRE: Final = 0.875


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognized:
    """Classes that EfficientNet-Lite0 sees in the pictures of one method.

    Attributes
    ----------
    frechet_lite0
        Frechet distance from the true photographs, over the classifier's 1280 pooled features;
        lower is better. Not the FID, whose features are another network's. None for a single
        photograph.
    agreement
        Share of pictures of which it says the same as of the true photograph.
    accuracy
        Share of pictures of which it says what the label says; None without labels.
    """

    frechet_lite0: float | None
    agreement: float
    accuracy: float | None


class Recognition:
    """Collects what a classifier makes of scored photographs.

    Parameters
    ----------
    labels
        Of the photographs' groups, if there are any.

    Raises
    ------
    MissingDependencyError
        The package of the classifier's weights is not installed.
    """

    def __init__(self, labels: Labels | None = None) -> None:
        self._labels = labels
        self._classifier = EfficientNetLite("lite0", with_head=True).eval()
        load_imagenet_weights(self._classifier)
        self._features: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
        self._guesses: dict[str, list[int]] = defaultdict(list)
        self._true_labels: list[int] = []

    def add(self, photo: ScoredPhoto) -> None:
        """Look at a photograph and at what each method made of it.

        Raises
        ------
        UsageError
            Its group is none of the labels.
        """
        if self._labels is not None:
            self._true_labels.append(self._labels.number(photo.group))
        pictures = {TRUTH: photo.true_u8, **photo.colored}
        features, logits = self._described(list(pictures.values()))
        for name, row, scores in zip(pictures, features, logits, strict=True):
            self._features[name].append(row)
            guess = self._labels.guess if self._labels is not None else np.argmax
            self._guesses[name].append(int(guess(scores)))

    def results(self) -> Mapping[str, Recognized]:
        """Sum up, by method; `TRUTH` are the photographs themselves. Empty before the first."""
        return {name: self._recognized(name) for name in self._features}

    def _described(self, pictures: list[RgbU8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(N, 1280) features and (N, 1000) logits."""
        batch = torch.cat([_square(rgb_u8) for rgb_u8 in pictures])
        with torch.inference_mode():
            features = self._classifier.pooled((batch - PIXEL_MEAN) / PIXEL_STD)
            logits = self._classifier.classified(features)
        return features.numpy(), logits.numpy()

    def _recognized(self, name: str) -> Recognized:
        guesses = np.array(self._guesses[name])
        several = len(guesses) > 1
        return Recognized(
            frechet_lite0=(
                frechet_distance(self._features[name], self._features[TRUTH]) if several else None
            ),
            agreement=float(np.mean(guesses == self._guesses[TRUTH])),
            accuracy=float(np.mean(guesses == self._true_labels)) if self._true_labels else None,
        )


def _square(rgb_u8_hwc: RgbU8) -> torch.Tensor:
    """Cut the centre and resize it: (H, W, 3) uint8 to (1, 3, 224, 224) float32 in 0..255."""
    height, width, _ = rgb_u8_hwc.shape
    side = max(1, round(CENTRE * min(height, width)))
    top, left = (height - side) // 2, (width - side) // 2
    window = rgb_u8_hwc[top : top + side, left : left + side].transpose(2, 0, 1)
    return functional.interpolate(
        torch.from_numpy(np.ascontiguousarray(window)).float()[None],
        size=(SIDE, SIDE),
        mode="bicubic",
        antialias=True,
    ).clamp(0, 255)
