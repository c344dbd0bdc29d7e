"""Training batches: random crops of cached photographs as (L*, ab) tensors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.utils.data import Dataset

from ...errors import DatasetError
from ..augment_recipe import AugmentRecipe
from ..color.lab_tensors import lab_from_srgb
from ..recipe import CropStage
from .contrast import stretched
from .film_aging import aged
from .film_border import bordered
from .film_response import film_lightness
from .photo_cache import PhotoCache

# Colours of fog and snow, stretched further than this, would be ones that no scene has.
MAX_COLOR_GAIN: Final = 1.6


class CropBatches(Dataset[dict[str, Tensor]]):
    """Batch number `step` of a run, computed from (seed, step, rank), so a resume is exact.

    Parameters
    ----------
    cache
        The photographs.
    indices
        Which of them may be drawn.
    stages
        The run's crop sizes and batch sizes, in order.
    augment
        How crops are drawn and changed.
    seed
        Of the run.
    first_step, last_step
        The half-open range of steps that this data set covers.
    rank
        Of several processes that train together, each with batches of its own.
    """

    def __init__(
        self,
        cache: PhotoCache,
        indices: Sequence[int],
        *,
        stages: Sequence[CropStage],
        augment: AugmentRecipe,
        seed: int,
        first_step: int,
        last_step: int,
        rank: int = 0,
    ) -> None:
        self._cache = cache
        self._indices = np.asarray(indices)
        self._stages = stages
        self._augment = augment
        self._seed = seed
        self._first_step = first_step
        self._last_step = last_step
        self._rank = rank
        self._weights = _group_weights(cache, indices, augment.balance, augment.source_weights)

    def __len__(self) -> int:
        return self._last_step - self._first_step

    def __getitem__(self, item: int) -> dict[str, Tensor]:
        """Planes of `training.objectives.objective.Batch`, S x S pixels; a name's hash a crop."""
        if not 0 <= item < len(self):
            raise IndexError(item)
        step = self._first_step + item
        stage = stage_of(self._stages, step)
        # The first process draws what a process alone would.
        rng = np.random.default_rng((self._seed, step, self._rank)[: 3 if self._rank else 2])
        chosen = rng.choice(self._indices, size=stage.batch, p=self._weights)
        crops = [self._crop(self._cache.rgb_u8(index), stage.crop, rng) for index in chosen]
        rgb = torch.stack(crops)
        pairs = [
            self._photographed(*each, rng) for each in zip(rgb, lab_from_srgb(rgb), strict=True)
        ]
        l_plane, ab_planes, clean_l_plane, picture = map(torch.stack, zip(*pairs, strict=True))
        name_hash = torch.tensor([self._cache.name_hash(index) for index in chosen])
        return {
            "l_plane": l_plane,
            "ab_planes": ab_planes,
            "clean_l_plane": clean_l_plane,
            "picture": picture,
            "name_hash": name_hash,
        }

    def _photographed(
        self, rgb: Tensor, lab: Tensor, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Make the planes of one crop, as an old photograph of the scene would show it."""
        augment = self._augment
        l_plane, ab_planes = lab[:1], lab[1:]
        clean_l_plane = l_plane
        if rng.random() < augment.film_share:
            l_plane = film_lightness(rgb, rng)
        stretches = rng.random() < augment.stretch_share
        if stretches:
            # The engine divides colours by the gain that it stretches lightness by.
            l_plane, gain = stretched(l_plane)
            ab_planes = ab_planes * min(gain, MAX_COLOR_GAIN)
            clean_l_plane, _ = stretched(clean_l_plane)
        l_plane = aged(l_plane, rng, augment)
        if stretches:
            # What age took from lightness it took from colours too: here nothing is left to multiply.
            l_plane, _ = stretched(l_plane)
        picture = torch.ones_like(l_plane)
        if rng.random() < augment.border_share:
            l_plane, picture = bordered(l_plane, rng)
        return l_plane, ab_planes * picture, clean_l_plane, picture

    def _crop(self, rgb_u8: NDArray[np.uint8], size: int, rng: np.random.Generator) -> Tensor:
        height, width, _ = rgb_u8.shape
        share = rng.uniform(self._augment.min_crop, 1.0)
        stretch = np.exp(rng.uniform(-1, 1) * np.log(self._augment.max_stretch))
        side = share * min(height, width)
        crop_height = min(height, max(8, round(side * stretch)))
        crop_width = min(width, max(8, round(side / stretch)))
        top = rng.integers(0, height - crop_height + 1)
        left = rng.integers(0, width - crop_width + 1)
        window = rgb_u8[top : top + crop_height, left : left + crop_width]
        if rng.random() < 0.5:
            window = window[:, ::-1]
        chw = torch.from_numpy(np.ascontiguousarray(window.transpose(2, 0, 1))).float()
        resized = functional.interpolate(
            chw[None], size=(size, size), mode="bilinear", antialias=True
        )
        return resized[0].clamp(0, 255) / 255


def stage_of(stages: Sequence[CropStage], step: int) -> CropStage:
    """Find the stage that step number `step` of a run belongs to; the last one past the end."""
    for stage in stages:
        if step < stage.steps:
            return stage
        step -= stage.steps
    return stages[-1]


def _group_weights(
    cache: PhotoCache, indices: Sequence[int], balance: float, source_weights: Mapping[str, float]
) -> NDArray[np.float64]:
    """Draw a group of n photographs in proportion to n ** balance (1 is by size, 0 is evenly).

    A group of `source_weights` is drawn that many times as often as that.
    """
    groups = [cache.photos[index].group for index in indices]
    sizes = Counter(groups)
    weights: NDArray[np.float64] = np.array(
        [sizes[group] ** (balance - 1.0) * source_weights.get(group, 1.0) for group in groups]
    )
    total = weights.sum()
    if total <= 0:
        raise DatasetError(
            f"{cache.cache_dir}: data.source_weights leave no photograph to train on"
        )
    weights /= total
    return weights
