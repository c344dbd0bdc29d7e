import dataclasses
from collections import Counter

import numpy as np
import pytest
import torch

from colorize_batch.training.dataset.crop_batches import CropBatches, stage_of
from colorize_batch.training.dataset.photo_cache import PhotoCache
from colorize_batch.training.recipe import AugmentRecipe, CropStage

STAGES = (CropStage(steps=3, crop=32, batch=4), CropStage(steps=2, crop=64, batch=2))
PLAIN = AugmentRecipe(tone_share=0.0, grain_share=0.0)


def batches(
    cache: PhotoCache,
    augment: AugmentRecipe = PLAIN,
    *,
    seed: int = 1,
    first: int = 0,
    last: int = 5,
    rank: int = 0,
) -> CropBatches:
    return CropBatches(
        cache,
        range(len(cache)),
        stages=STAGES,
        augment=augment,
        seed=seed,
        first_step=first,
        last_step=last,
        rank=rank,
    )


def test_shapes_follow_the_stages(cache: PhotoCache) -> None:
    shapes = [tuple(batch["l_plane"].shape) for batch in batches(cache)]
    assert shapes == [(4, 1, 32, 32)] * 3 + [(2, 1, 64, 64)] * 2
    assert batches(cache)[4]["ab_planes"].shape == (2, 2, 64, 64)


def test_photographs_are_told_apart_by_name(cache: PhotoCache) -> None:
    batch = batches(cache)[0]
    known = [cache.name_hash(index) for index in range(len(cache))]
    assert batch["name_hash"].dtype == torch.int64
    assert len(batch["name_hash"]) == 4
    assert set(batch["name_hash"].tolist()) <= set(known)


def test_a_batch_depends_on_seed_and_step_alone(cache: PhotoCache) -> None:
    augment = AugmentRecipe(tone_share=1.0, grain_share=1.0)
    expected = batches(cache, augment)[3]
    later = batches(cache, augment, first=3)[0]
    for name in ("l_plane", "ab_planes", "name_hash"):
        assert torch.equal(later[name], expected[name])
    assert not torch.equal(batches(cache, augment, seed=2)[3]["l_plane"], expected["l_plane"])
    assert not torch.equal(batches(cache, augment)[4]["l_plane"], expected["l_plane"])


def test_processes_that_train_together_draw_different_batches(cache: PhotoCache) -> None:
    drawn = [batches(cache, rank=rank)[3]["l_plane"] for rank in range(3)]
    assert torch.equal(drawn[0], batches(cache)[3]["l_plane"])
    assert torch.equal(drawn[1], batches(cache, rank=1)[3]["l_plane"])
    assert not torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[1], drawn[2])


def test_values_are_cielab_of_the_photographs(cache: PhotoCache) -> None:
    for batch in batches(cache):
        assert batch["l_plane"].min() >= 0
        assert batch["l_plane"].max() <= 100
        assert 10 < batch["ab_planes"].abs().max() < 128


def test_ageing_leaves_colours_alone(cache: PhotoCache) -> None:
    aged = batches(cache, AugmentRecipe(tone_share=1.0, grain_share=1.0))[0]
    l_plane = aged["l_plane"]
    assert l_plane.min() >= 0
    assert l_plane.max() <= 100
    # Grain makes neighbours differ; the plain crops are smooth but for a few edges.
    plain = batches(cache, PLAIN)[0]["l_plane"]
    assert l_plane.diff(dim=-1).abs().median() > 2 * plain.diff(dim=-1).abs().median()
    assert aged["ab_planes"].diff(dim=-1).abs().median() < 1


def test_balance_evens_out_the_sources(cache: PhotoCache) -> None:
    def drawn(balance: float) -> float:
        augment = dataclasses.replace(PLAIN, balance=balance)
        weights = batches(cache, augment)._weights
        groups = [photo.group for photo in cache.photos]
        share: Counter[str] = Counter()
        for group, weight in zip(groups, weights, strict=True):
            share[group] += float(weight)
        assert sum(share.values()) == pytest.approx(1)
        return share["meadow"]

    assert drawn(1.0) == pytest.approx(9 / 12)
    assert drawn(0.0) == pytest.approx(1 / 2)
    assert 1 / 2 < drawn(0.5) < 9 / 12


def test_length_and_end(cache: PhotoCache) -> None:
    some = batches(cache, first=2, last=5)
    assert len(some) == 3
    with pytest.raises(IndexError):
        some[3]


@pytest.mark.parametrize(("step", "crop"), [(0, 32), (2, 32), (3, 64), (4, 64), (99, 64)])
def test_stage_of(step: int, crop: int) -> None:
    assert stage_of(STAGES, step).crop == crop


def test_photographs_smaller_than_the_crop_are_enlarged(cache: PhotoCache) -> None:
    small = CropBatches(
        cache,
        [0],
        stages=(CropStage(steps=1, crop=160, batch=2),),
        augment=PLAIN,
        seed=0,
        first_step=0,
        last_step=1,
    )
    assert np.isfinite(small[0]["ab_planes"].numpy()).all()
    assert small[0]["l_plane"].shape == (2, 1, 160, 160)
