"""Photographs, a cache of them, and a family that trains in a second."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from colorize_batch.training import trainer
from colorize_batch.training.dataset.photo_cache import PhotoCache
from colorize_batch.training.dataset.prepare import prepare
from colorize_batch.training.models import FAMILIES
from tests.training.photos import write_photo
from tests.training.tiny_family import add_tiny_family


@pytest.fixture(scope="session")
def photo_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve colour photographs of two sources."""
    folder = tmp_path_factory.mktemp("photos")
    for index in range(12):
        source = "meadow" if index < 9 else "shore"
        write_photo(folder / f"{source}__{index:02}.png", 80 + 4 * index, 120, seed=index)
    return folder


@pytest.fixture(scope="session")
def cache(photo_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> PhotoCache:
    """The cache of `photo_dir`."""
    return prepare([str(photo_dir)], tmp_path_factory.mktemp("cache"), short_side=72)


@pytest.fixture
def tiny_family(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Adds the family `tiny` for one test."""
    threads = torch.get_num_threads()
    monkeypatch.setitem(FAMILIES, "tiny", FAMILIES["lite"])
    for constant in ("VALIDATION_STEPS", "VALIDATION_BATCH", "LOG_EVERY_STEPS"):
        monkeypatch.setattr(trainer, constant, getattr(trainer, constant))
    add_tiny_family()
    yield
    torch.set_num_threads(threads)
