import dataclasses
import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from colorize_batch.training.augment_recipe import AugmentRecipe
from colorize_batch.training.dataset import film_aging
from colorize_batch.training.dataset.film_aging import aged

UNDAMAGED = AugmentRecipe(tone_share=0.0, grain_share=0.0)
KINDS = ("tone", "grain", "blur", "halation", "vignette", "stain", "dust", "jpeg")


def with_all_of(*kinds: str) -> AugmentRecipe:
    return dataclasses.replace(UNDAMAGED, **{f"{kind}_share": 1.0 for kind in kinds})


@pytest.fixture
def l_plane() -> Tensor:
    """A dark square on a bright ground, (1, 96, 80)."""
    plane = torch.full((1, 96, 80), 80.0)
    plane[:, 30:60, 20:60] = 20.0
    return plane


def aged_with(l_plane: Tensor, recipe: AugmentRecipe, seed: int = 3) -> Tensor:
    return aged(l_plane, np.random.default_rng(seed), recipe)


def test_without_damage_nothing_changes(l_plane: Tensor) -> None:
    assert torch.equal(aged_with(l_plane, UNDAMAGED), l_plane)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_changes_the_picture_and_keeps_its_shape_and_range(
    l_plane: Tensor, kind: str
) -> None:
    before = l_plane.clone()
    for seed in range(5):
        damaged = aged_with(l_plane, with_all_of(kind), seed)
        assert damaged.shape == l_plane.shape
        assert damaged.dtype == torch.float32
        assert damaged.min() >= 0
        assert damaged.max() <= 100
        assert not torch.equal(damaged, before)
    assert torch.equal(l_plane, before)


def test_all_kinds_together_leave_the_subject_to_be_seen(l_plane: Tensor) -> None:
    for seed in range(20):
        damaged = aged_with(l_plane, with_all_of(*KINDS), seed)
        assert damaged[:, 35:55, 25:55].median() < damaged[:, 65:90, 10:70].median() - 10


def test_the_same_seed_ages_alike(l_plane: Tensor) -> None:
    recipe = with_all_of(*KINDS)
    assert torch.equal(aged_with(l_plane, recipe, 7), aged_with(l_plane, recipe, 7))
    assert not torch.equal(aged_with(l_plane, recipe, 7), aged_with(l_plane, recipe, 8))


def test_a_blur_keeps_the_mean_and_softens_edges(l_plane: Tensor) -> None:
    blurred = aged_with(l_plane, with_all_of("blur"))
    assert float(blurred.mean()) == pytest.approx(float(l_plane.mean()), rel=0.01)
    assert blurred.diff(dim=-1).abs().max() < l_plane.diff(dim=-1).abs().max()


def test_fading_lifts_blacks_and_dulls_whites() -> None:
    ends = torch.tensor([[[0.0, 100.0]]])
    faded = torch.cat([aged_with(ends, with_all_of("tone"), seed) for seed in range(50)])
    assert faded[..., 0].max() > 5
    assert faded[..., 1].min() < 95
    assert (faded[..., 1] - faded[..., 0]).min() > 60


def test_dust_touches_few_pixels(l_plane: Tensor) -> None:
    for seed in range(10):
        touched = aged_with(l_plane, with_all_of("dust"), seed) != l_plane
        assert 0 < touched.float().mean() < 0.08


def test_compression_is_that_of_a_jpeg(l_plane: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film_aging, "JPEG_QUALITY", (30, 31))
    grain = torch.from_numpy(np.random.default_rng(0).normal(0, 8, l_plane.shape)).float()
    noisy = (l_plane + grain).clamp(0, 100)
    gray_u8 = (noisy[0] * 2.55).round().to(torch.uint8).numpy()
    stored = io.BytesIO()
    Image.fromarray(gray_u8).save(stored, "JPEG", quality=30)
    expected = np.asarray(Image.open(stored)) / 2.55
    found = aged_with(noisy, with_all_of("jpeg"))[0].numpy()
    assert np.abs(found - expected).mean() < 0.5
    assert np.abs(noisy[0].numpy() - expected).mean() > 2


def test_lights_glow_onto_what_is_around_them() -> None:
    lamp = torch.full((1, 64, 64), 20.0)
    lamp[:, 28:36, 28:36] = 98.0
    for seed in range(5):
        glow = aged_with(lamp, with_all_of("halation"), seed) - lamp
        assert glow.min() >= 0
        assert float(glow[0, 32, 37]) > float(glow[0, 32, 44]) + 0.05
        assert float(glow[0, 0, 0]) < 0.5
    dim = torch.full((1, 64, 64), 60.0)
    assert torch.equal(aged_with(dim, with_all_of("halation")), dim)


def test_stains_are_wide_and_soft() -> None:
    plain = torch.full((1, 96, 96), 50.0)
    for seed in range(10):
        stain = aged_with(plain, with_all_of("stain"), seed) - plain
        assert stain.abs().max() <= film_aging.MAX_STAIN
        assert stain.diff(dim=-1).abs().max() < 0.4 * film_aging.MAX_STAIN


def test_grain_comes_fine_and_coarse() -> None:
    plain = torch.full((1, 96, 96), 50.0)
    grains = [aged_with(plain, with_all_of("grain"), seed) - plain for seed in range(60)]
    strength = [float(grain.std()) for grain in grains]
    assert min(strength) < 2
    assert 8 < max(strength) <= 1.1 * film_aging.MAX_COARSE_GRAIN_SIGMA
    # Neighbours of clumps are alike, those of single grains are not.
    alike = [
        float((grain[..., 1:] * grain[..., :-1]).mean() / grain.square().mean()) for grain in grains
    ]
    assert min(alike) < 0.1
    assert max(alike) > 0.6
