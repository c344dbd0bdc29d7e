"""Another working size than the model's contract prefers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from colorize_batch.engine.inference.backend import Backend
from colorize_batch.engine.inference.model_files import model_file
from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.engine.inference.working_shape import working_shape
from colorize_batch.engine.inference.working_size import with_working_size
from colorize_batch.errors import UsageError
from tests.conftest import TINY_CONTRACT, write_tiny_model


@pytest.fixture
def lite() -> Iterator[Backend]:
    with closing(open_backend(model_file("lite"), device="cpu")) as backend:
        yield backend


def test_nothing_to_change(lite: Backend) -> None:
    assert with_working_size(lite, 0) is lite


def test_another_working_size(lite: Backend) -> None:
    larger = with_working_size(lite, 384)
    height, width = working_shape(600, 800, larger.contract)
    assert height * width == pytest.approx(384**2, rel=0.15)
    assert larger.infer(np.zeros((1, 1, height, width), np.float32)).shape[2] == height // 2


def test_sizes_that_the_model_does_not_take(lite: Backend, tmp_path: Path) -> None:
    for size in (16, 5000):
        with pytest.raises(UsageError, match=rf"size {size}: model lite takes 64\.\.1152"):
            with_working_size(lite, size)
    fixed = replace(TINY_CONTRACT, working_area=0, working_height=32, working_width=48)
    with (
        closing(open_backend(write_tiny_model(tmp_path / "fixed.onnx", fixed))) as backend,
        pytest.raises(UsageError, match="takes 32 x 48 pixels only"),
    ):
        with_working_size(backend, 64)
