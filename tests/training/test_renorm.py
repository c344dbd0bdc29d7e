"""Norms are measured anew; weights and pretrained norms stay."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from colorize_batch.errors import ModelError, UsageError
from colorize_batch.training.checkpoint import load_checkpoint
from colorize_batch.training.dataset.photo_cache import PhotoCache
from colorize_batch.training.renorm import remeasure_norms
from tests.training.small_checkpoint import write_checkpoint


def test_norms_hold_what_photographs_give(cache: PhotoCache, tmp_path: Path) -> None:
    start = write_checkpoint(tmp_path / "start.ckpt", 1, "lite")
    output = tmp_path / "new" / "out.ckpt"
    assert remeasure_norms(start, cache.cache_dir, output, photos=24) == 4
    before, after = load_checkpoint(start), load_checkpoint(output)
    assert (after.recipe, after.step) == (before.recipe, before.step)
    found = after.network.state_dict()
    for name, value in before.network.state_dict().items():
        measured = name.startswith("decoder.") and name.endswith(("_mean", "_var", "_tracked"))
        assert torch.equal(found[name], value) != measured, name
    # By norms that were measured on photographs, photographs come out as scale and shift say.
    seen: list[torch.Tensor] = []
    step = after.network.get_submodule("decoder.steps.0.norm")
    assert isinstance(step, nn.BatchNorm2d)
    step.register_forward_hook(lambda module, inputs, output: seen.append(output))
    with torch.inference_mode():
        for index in range(8):
            gray = (
                torch.from_numpy(cache.rgb_u8(index % len(cache.photos)).copy()).float().mean(dim=2)
            )
            after.network(nn.functional.interpolate(gray[None, None] / 2.55, size=(256, 256)))
    scale, shift = step.weight.detach(), step.bias.detach()
    normed = (torch.cat(seen) - shift[:, None, None]) / scale[:, None, None]
    assert abs(float(normed.mean())) < 0.3
    assert 0.7 < float(normed.std()) < 1.3


def test_a_network_without_norms_stays(cache: PhotoCache, tmp_path: Path) -> None:
    start = write_checkpoint(tmp_path / "start.ckpt", 1)
    before = load_checkpoint(start).network.state_dict()
    assert remeasure_norms(start, cache.cache_dir, start, photos=12) == 0
    after = load_checkpoint(start).network.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_wrong_input_is_refused(cache: PhotoCache, tmp_path: Path) -> None:
    start = write_checkpoint(tmp_path / "start.ckpt", 1)
    with pytest.raises(UsageError, match="photos 11: expected at least 12"):
        remeasure_norms(start, cache.cache_dir, start, photos=11)
    with pytest.raises(ModelError, match=r"none\.ckpt: cannot read the checkpoint"):
        remeasure_norms(tmp_path / "none.ckpt", cache.cache_dir, start)
