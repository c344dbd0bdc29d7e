"""Another working size, and the average with the mirror image."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from colorize_batch.engine.inference.adjusted import adjusted
from colorize_batch.engine.inference.backend import Backend, open_backend
from colorize_batch.engine.inference.model_files import model_file
from colorize_batch.engine.inference.working_shape import working_shape
from colorize_batch.errors import UsageError
from tests.conftest import TINY_CONTRACT, write_tiny_model


@pytest.fixture
def lite() -> Iterator[Backend]:
    with closing(open_backend(model_file("lite"), device="cpu")) as backend:
        yield backend


def test_nothing_to_adjust(lite: Backend) -> None:
    assert adjusted(lite) is lite


def test_best_does_not_care_for_mirrors(lite: Backend) -> None:
    l_batch = np.random.default_rng(0).uniform(0, 100, (2, 1, 64, 96)).astype(np.float32)
    best = adjusted(lite, best=True)
    assert best.contract == lite.contract
    ab_batch = best.infer(l_batch)
    mirrored = best.infer(np.ascontiguousarray(l_batch[..., ::-1]))
    np.testing.assert_allclose(mirrored[..., ::-1], ab_batch, atol=1e-4)
    plain = lite.infer(l_batch)
    assert plain.shape == ab_batch.shape
    assert np.abs(plain - ab_batch).max() > 0.1


def test_another_working_size(lite: Backend) -> None:
    larger = adjusted(lite, working_size=384)
    height, width = working_shape(600, 800, larger.contract)
    assert height * width == pytest.approx(384**2, rel=0.15)
    assert larger.infer(np.zeros((1, 1, height, width), np.float32)).shape[2] == height // 2


def test_sizes_that_the_model_does_not_take(lite: Backend, tmp_path: Path) -> None:
    for size in (16, 5000):
        with pytest.raises(UsageError, match=rf"size {size}: model lite takes 64\.\.1152"):
            adjusted(lite, working_size=size)
    fixed = replace(TINY_CONTRACT, working_area=0, working_height=32, working_width=48)
    with (
        closing(open_backend(write_tiny_model(tmp_path / "fixed.onnx", fixed))) as backend,
        pytest.raises(UsageError, match="takes 32 x 48 pixels only"),
    ):
        adjusted(backend, working_size=64)
