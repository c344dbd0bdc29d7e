import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO

from colorize_batch.errors import DatasetError, UsageError
from colorize_batch.training import trainer
from colorize_batch.training.checkpoint import load_checkpoint
from colorize_batch.training.dataset.photo_cache import PhotoCache
from colorize_batch.training.progress import RunProgress
from colorize_batch.training.recipe import CropStage, OptimizerRecipe, read_recipe, recipe_file
from colorize_batch.training.trainer import BEST_NAME, CHECKPOINT_NAME, METRICS_NAME, run
from tests.training.tiny_family import TINY_RECIPE

ROOT = Path(__file__).parents[2]


def lines(run_dir: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run_dir / METRICS_NAME).read_text().splitlines()]


@pytest.fixture
def whole_run(cache: PhotoCache, tmp_path: Path, tiny_family: None) -> Path:
    """The folder of a run of `TINY_RECIPE` that nothing disturbed."""
    run(TINY_RECIPE, cache.cache_dir, tmp_path / "whole")
    return tmp_path / "whole"


def test_killed_and_resumed_equals_undisturbed(
    cache: PhotoCache, tmp_path: Path, whole_run: Path
) -> None:
    resumed = tmp_path / "resumed"
    killed = subprocess.run(
        [sys.executable, "-m", "tests.training.tiny_family", cache.cache_dir, resumed, "5"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert lines(resumed)[-1]["step"] > 3  # measured after the checkpoint of step 3

    run(TINY_RECIPE, cache.cache_dir, resumed, resume=True)

    assert lines(resumed) == lines(whole_run)
    found, expected = (
        torch.load(folder / CHECKPOINT_NAME, weights_only=True) for folder in (resumed, whole_run)
    )
    assert found["global_step"] == expected["global_step"] == TINY_RECIPE.steps
    for part in ("state_dict", "current_model_state"):
        for name, tensor in expected[part].items():
            assert torch.equal(found[part][name], tensor), (part, name)


def test_keeps_the_best_of_the_validations(whole_run: Path) -> None:
    validations = [line for line in lines(whole_run) if "val_loss" in line]
    best = min(validations, key=lambda line: line["val_loss"])
    assert load_checkpoint(whole_run / BEST_NAME).step == best["step"]
    names = sorted(path.name for path in whole_run.iterdir())
    assert names == [BEST_NAME, CHECKPOINT_NAME, METRICS_NAME]


def test_resuming_a_finished_run_changes_nothing(cache: PhotoCache, whole_run: Path) -> None:
    before = lines(whole_run)
    run(TINY_RECIPE, cache.cache_dir, whole_run, resume=True)
    assert lines(whole_run) == before


def test_reports_progress(cache: PhotoCache, tmp_path: Path, tiny_family: None) -> None:
    reports: list[RunProgress] = []
    run(TINY_RECIPE, cache.cache_dir, tmp_path / "run", on_progress=reports.append)
    assert [report.step for report in reports] == [1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9]
    assert reports[0].validation_share is None
    assert reports[-1].validation_share is not None
    assert {report.steps for report in reports} == {9}


def test_refuses_to_overwrite_a_run(cache: PhotoCache, whole_run: Path) -> None:
    with pytest.raises(UsageError, match="exists; add --resume"):
        run(TINY_RECIPE, cache.cache_dir, whole_run)


def test_refuses_to_resume_another_recipe(cache: PhotoCache, whole_run: Path) -> None:
    other = dataclasses.replace(TINY_RECIPE, optimizer=OptimizerRecipe(learning_rate=0.5))
    with pytest.raises(UsageError, match="begun with another recipe"):
        run(other, cache.cache_dir, whole_run, resume=True)


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_a_signal(
    cache: PhotoCache, tmp_path: Path, tiny_family: None, signal_number: signal.Signals
) -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(progress: RunProgress) -> None:
        if progress.step == 4:
            os.kill(os.getpid(), signal_number)

    try:
        with pytest.raises(KeyboardInterrupt):
            run(TINY_RECIPE, cache.cache_dir, tmp_path / "run", on_progress=stop)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert run(TINY_RECIPE, cache.cache_dir, tmp_path / "run", resume=True).exists()
    assert lines(tmp_path / "run")[-1]["step"] == TINY_RECIPE.steps


def test_full_disk_keeps_the_last_checkpoint(
    cache: PhotoCache, tmp_path: Path, tiny_family: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[Path] = []
    save = TorchCheckpointIO.save_checkpoint

    def fill_up(self: Any, checkpoint: Any, path: Any, *rest: Any, **more: Any) -> None:
        if len(saved) == 2:  # best and last of the first epoch
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        save(self, checkpoint, path, *rest, **more)
        saved.append(path)

    monkeypatch.setattr(TorchCheckpointIO, "save_checkpoint", fill_up)
    with pytest.raises(DatasetError, match=r"No space left on device; free space, then --resume"):
        run(TINY_RECIPE, cache.cache_dir, tmp_path / "run")
    checkpoint = torch.load(tmp_path / "run" / CHECKPOINT_NAME, weights_only=True)
    assert checkpoint["global_step"] == 3


def test_no_photographs_left(tmp_path: Path, cache: PhotoCache) -> None:
    with pytest.raises(DatasetError, match="no photo cache"):
        run(TINY_RECIPE, tmp_path / "none", tmp_path / "run")
    all_held_out = dataclasses.replace(
        TINY_RECIPE, data=dataclasses.replace(TINY_RECIPE.data, validation_share=1.0)
    )
    with pytest.raises(DatasetError, match=r"validation_share 1.0 leaves no photograph"):
        run(all_held_out, cache.cache_dir, tmp_path / "run")


def test_smoke_run_of_the_shipped_recipe_learns(
    cache: PhotoCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "VALIDATION_CROPS", CropStage(steps=2, crop=64, batch=8))

    run(read_recipe(recipe_file("lite")).smoke(), cache.cache_dir, tmp_path / "run")

    shares = [
        line["val_loss"] / line["val_gray_loss"]
        for line in lines(tmp_path / "run")
        if "val_loss" in line
    ]
    assert shares[-1] < shares[0] < 1.05
    assert shares[-1] < 0.9, shares
