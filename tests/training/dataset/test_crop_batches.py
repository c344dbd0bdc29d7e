import dataclasses
from collections import Counter

import numpy as np
import pytest
import torch

from colorize_batch.errors import DatasetError
from colorize_batch.training.augment_recipe import AugmentRecipe
from colorize_batch.training.dataset.crop_batches import MAX_COLOR_GAIN, CropBatches, stage_of
from colorize_batch.training.dataset.photo_cache import PhotoCache
from colorize_batch.training.recipe import CropStage

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


def test_weights_of_sources(cache: PhotoCache) -> None:
    def share_of_meadow(weights: dict[str, float]) -> float:
        augment = dataclasses.replace(PLAIN, balance=1.0, source_weights=weights)
        drawn = zip(cache.photos, batches(cache, augment)._weights, strict=True)
        return sum(float(weight) for photo, weight in drawn if photo.group == "meadow")

    assert share_of_meadow({"elsewhere": 0.0}) == pytest.approx(9 / 12)
    assert share_of_meadow({"meadow": 0.5}) == pytest.approx(4.5 / 7.5)
    assert share_of_meadow({"meadow": 0}) == 0
    with pytest.raises(DatasetError, match="leave no photograph to train on"):
        share_of_meadow({"meadow": 0.0, "shore": 0.0})


def test_stretched_crops_have_their_colours_stretched_along(cache: PhotoCache) -> None:
    plain = batches(cache)
    stretched = batches(cache, dataclasses.replace(PLAIN, stretch_share=1.0))
    gains = []
    for before, after in zip(plain, stretched, strict=True):
        for index in range(len(before["l_plane"])):
            spread = [each["l_plane"][index].std() for each in (before, after)]
            colors = [each["ab_planes"][index].abs().mean() for each in (before, after)]
            gains.append(float(colors[1] / colors[0]))
            assert float(spread[1] / spread[0]) > 0.99
            assert 0.99 < gains[-1] <= MAX_COLOR_GAIN + 1e-3
    assert max(gains) > 1.05


def test_age_costs_a_stretched_crop_no_colour(cache: PhotoCache) -> None:
    stretched = dataclasses.replace(PLAIN, stretch_share=1.0)
    faded = dataclasses.replace(stretched, tone_share=1.0)
    expected, found = batches(cache, stretched)[0], batches(cache, faded)[0]
    assert found["ab_planes"][0].abs().mean() == pytest.approx(
        float(expected["ab_planes"][0].abs().mean()), rel=1e-5
    )
    assert found["l_plane"][0].std() > 0.75 * expected["l_plane"][0].std()


def test_films_see_other_lightness_but_the_same_colours(cache: PhotoCache) -> None:
    plain, film = batches(cache)[0], batches(cache, dataclasses.replace(PLAIN, film_share=1.0))[0]
    assert torch.equal(film["ab_planes"][0], plain["ab_planes"][0])
    assert float((film["l_plane"][0] - plain["l_plane"][0]).abs().mean()) > 2


def test_borders_take_colours_away(cache: PhotoCache) -> None:
    bordered = batches(cache, dataclasses.replace(PLAIN, border_share=1.0))
    bare = [float((batch["ab_planes"].abs().sum(dim=1) == 0).float().mean()) for batch in bordered]
    assert 0.02 < np.mean(bare) < 0.4


def test_planes_before_age_and_border_come_along(cache: PhotoCache) -> None:
    shares = {"film_share": 1.0, "tone_share": 1.0, "grain_share": 1.0, "border_share": 1.0}
    plain, aged = batches(cache)[0], batches(cache, dataclasses.replace(PLAIN, **shares))[0]
    assert torch.equal(plain["clean_l_plane"], plain["l_plane"])
    assert (plain["picture"] == 1).all()
    assert torch.equal(aged["clean_l_plane"][0], plain["l_plane"][0])
    assert not torch.equal(aged["l_plane"][0], plain["l_plane"][0])
    assert (aged["ab_planes"][(aged["picture"] == 0).expand(-1, 2, -1, -1)] == 0).all()
    assert 0.02 < float((aged["picture"] == 0).float().mean()) < 0.4


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
