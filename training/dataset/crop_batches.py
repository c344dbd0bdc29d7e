"""Training batches: random crops of cached photographs as (L*, ab) tensors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import Dataset

from ..color import lab_from_srgb
from ..recipe import AugmentRecipe, CropStage
from .photo_cache import PhotoCache


class CropBatches(Dataset[dict[str, Tensor]]):
    """Batch number `step` of a run, computed from (seed, step) alone, so a resume is exact.

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
    ) -> None:
        self._cache = cache
        self._indices = np.asarray(indices)
        self._stages = stages
        self._augment = augment
        self._seed = seed
        self._first_step = first_step
        self._last_step = last_step
        self._weights = _group_weights(cache, indices, augment.balance)

    def __len__(self) -> int:
        return self._last_step - self._first_step

    def __getitem__(self, item: int) -> dict[str, Tensor]:
        """`l_plane` (N, 1, S, S) and `ab_planes` (N, 2, S, S), float32."""
        if not 0 <= item < len(self):
            raise IndexError(item)
        step = self._first_step + item
        stage = stage_of(self._stages, step)
        rng = np.random.default_rng((self._seed, step))
        chosen = rng.choice(self._indices, size=stage.batch, p=self._weights)
        crops = [self._crop(self._cache.rgb_u8(index), stage.crop, rng) for index in chosen]
        lab = lab_from_srgb(torch.stack(crops))
        l_plane, ab_planes = lab[:, :1], lab[:, 1:]
        return {"l_plane": self._age(l_plane, rng), "ab_planes": ab_planes}

    def _crop(self, rgb_u8: np.ndarray, size: int, rng: np.random.Generator) -> Tensor:
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

    def _age(self, l_plane: Tensor, rng: np.random.Generator) -> Tensor:
        """Change tone and add grain to some pictures, as age, film and scanning do."""
        aged = []
        for picture in l_plane.unbind(dim=0):
            if rng.random() < self._augment.tone_share:
                gamma = float(np.exp(rng.normal(0, self._augment.gamma_sigma)))
                low, high = rng.uniform(0, 8), rng.uniform(90, 100)
                picture = low + (high - low) * (picture / 100).clamp(0, 1) ** gamma
            if rng.random() < self._augment.grain_share:
                sigma = rng.uniform(0.5, 4.0)
                noise = rng.standard_normal(tuple(picture.shape), dtype=np.float32)
                picture = picture + float(sigma) * torch.from_numpy(noise)
            aged.append(picture.clamp(0, 100))
        return torch.stack(aged)


def stage_of(stages: Sequence[CropStage], step: int) -> CropStage:
    """The stage that step number `step` of a run belongs to; the last one past the end."""
    for stage in stages:
        if step < stage.steps:
            return stage
        step -= stage.steps
    return stages[-1]


def _group_weights(cache: PhotoCache, indices: Sequence[int], balance: float) -> np.ndarray:
    """Draw a group of n photographs in proportion to n ** balance (1 is by size, 0 is evenly)."""
    groups = [cache.photos[index].group for index in indices]
    names, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    del names
    weights = counts[inverse] ** (balance - 1.0)
    return weights / weights.sum()
