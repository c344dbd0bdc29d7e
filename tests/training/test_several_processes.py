"""Two processes on one CPU stand for two GPUs: they see different pictures and stay in step."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import pytest
import torch

from colorize_batch.training.dataset.photo_cache import PhotoCache
from colorize_batch.training.trainer import METRICS_NAME, run
from tests.training.tiny_family import TINY_RECIPE


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_two_processes_train_one_network(
    cache: PhotoCache, tmp_path: Path, tiny_family: None
) -> None:
    alone = run(TINY_RECIPE, cache.cache_dir, tmp_path / "alone")
    together = dataclasses.replace(
        TINY_RECIPE,
        trainer=dataclasses.replace(TINY_RECIPE.trainer, devices=2, strategy="ddp_fork"),
    )
    checkpoint = run(together, cache.cache_dir, tmp_path / "together")
    assert checkpoint.exists()
    lines = (tmp_path / "together" / METRICS_NAME).read_text().splitlines()
    steps = [json.loads(line)["step"] for line in lines]
    # One record, not one from each process, and as many steps as the recipe says.
    assert steps == sorted(steps)
    assert steps[-1] == together.steps
    assert lines != (tmp_path / "alone" / METRICS_NAME).read_text().splitlines()
    first, second = (
        torch.load(path, weights_only=False)["state_dict"] for path in (alone, checkpoint)
    )
    assert first.keys() == second.keys()
    assert any(not torch.equal(first[name], second[name]) for name in first)
