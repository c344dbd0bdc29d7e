"""The mean of several checkpoints' weights is a checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from colorize_batch.errors import ModelError, UsageError
from colorize_batch.training.checkpoint import load_checkpoint
from colorize_batch.training.soup import average_checkpoints
from tests.training.small_checkpoint import write_checkpoint


def test_weights_are_averaged_and_one_named_twice_weighs_twice(tmp_path: Path) -> None:
    first, second = (write_checkpoint(tmp_path / f"{seed}.ckpt", seed) for seed in (1, 2))
    output = tmp_path / "new" / "soup.ckpt"
    average_checkpoints([first, first, second], output)
    soup, *parts = (load_checkpoint(path) for path in (output, first, second))
    assert soup.recipe == parts[0].recipe
    weights = [each.network.state_dict() for each in (soup, *parts)]
    for name, value in weights[0].items():
        expected = (2 * weights[1][name] + weights[2][name]) / 3
        torch.testing.assert_close(
            value, expected if value.is_floating_point() else weights[1][name]
        )
    assert any(not torch.equal(weights[1][name], weights[2][name]) for name in weights[0])


def test_what_does_not_average_is_refused(tmp_path: Path) -> None:
    small = write_checkpoint(tmp_path / "small.ckpt", 1)
    lite = write_checkpoint(tmp_path / "lite.ckpt", 2, "lite")
    output = tmp_path / "soup.ckpt"
    with pytest.raises(UsageError, match="two checkpoints or more"):
        average_checkpoints([small], output)
    with pytest.raises(
        ModelError, match=r"lite\.ckpt: a network that differs from that of .*small"
    ):
        average_checkpoints([small, lite], output)
    with pytest.raises(ModelError, match="cannot read the checkpoint"):
        average_checkpoints([small, tmp_path / "none.ckpt"], output)
    assert not output.exists()
