"""A checkpoint of the family `tiny`, as a run leaves one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from colorize_batch.training.models import FAMILIES
from tests.training.tiny_family import TINY_RECIPE, TinyNetwork


@pytest.fixture(autouse=True)
def _tiny_family(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "tiny", TinyNetwork)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """Random weights with batch norm statistics that are not the initial ones."""
    torch.manual_seed(5)
    network = TinyNetwork()
    network.train()(torch.rand(4, 1, 32, 32) * 100)
    torch.save(
        {
            "recipe": TINY_RECIPE.to_tables(),
            "state_dict": {f"model.{name}": value for name, value in network.state_dict().items()},
            "global_step": 9,
        },
        tmp_path / "last.ckpt",
    )
    return tmp_path / "last.ckpt"
