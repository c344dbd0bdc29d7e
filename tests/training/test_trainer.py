import dataclasses
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO

from colorize_batch.errors import DatasetError, ModelError, UsageError
from colorize_batch.training.callbacks.progress import RunProgress
from colorize_batch.training.checkpoint import load_checkpoint
from colorize_batch.training.dataset.photo_cache import PhotoCache
from colorize_batch.training.objectives.objective import Batch
from colorize_batch.training.objectives.rebalanced_cross_entropy import RebalancedCrossEntropy
from colorize_batch.training.recipe import CropStage, ModelRecipe, ObjectiveRecipe, OptimizerRecipe
from colorize_batch.training.task import ColorizationTask
from colorize_batch.training.trainer import BEST_NAME, CHECKPOINT_NAME, METRICS_NAME, CropData, run
from tests.training.measured import measured_lines
from tests.training.small_checkpoint import write_checkpoint
from tests.training.tiny_family import TINY_GAN_RECIPE, TINY_RECIPE, TINY_RECIPES

ROOT = Path(__file__).parents[2]


@pytest.fixture
def whole_run(cache: PhotoCache, tmp_path: Path, tiny_family: None) -> Path:
    """The folder of a run of `TINY_RECIPE` that nothing disturbed."""
    run(TINY_RECIPE, cache.cache_dir, tmp_path / "whole")
    return tmp_path / "whole"


@pytest.mark.parametrize("name", TINY_RECIPES)
def test_killed_and_resumed_equals_undisturbed(
    name: str, cache: PhotoCache, tmp_path: Path, tiny_family: None
) -> None:
    recipe = TINY_RECIPES[name]
    whole_run, resumed = tmp_path / "whole", tmp_path / "resumed"
    run(recipe, cache.cache_dir, whole_run)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.training.tiny_family", name, cache.cache_dir, resumed, "5"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert measured_lines(resumed)[-1]["step"] > 3  # measured after the checkpoint of step 3

    run(recipe, cache.cache_dir, resumed, resume=True)

    assert measured_lines(resumed) == measured_lines(whole_run)
    found, expected = (
        torch.load(folder / CHECKPOINT_NAME, weights_only=True) for folder in (resumed, whole_run)
    )
    assert found["global_step"] == expected["global_step"] == recipe.steps
    assert found["lr_schedulers"] == expected["lr_schedulers"]
    for ours, theirs in zip(found["optimizer_states"], expected["optimizer_states"], strict=True):
        torch.testing.assert_close(ours["state"], theirs["state"], atol=0, rtol=0)
    for part in ("state_dict", "current_model_state"):
        for name, tensor in expected[part].items():
            assert torch.equal(found[part][name], tensor), (part, name)


def test_keeps_the_best_of_the_validations(whole_run: Path) -> None:
    validations = [line for line in measured_lines(whole_run) if "val_loss" in line]
    best = min(validations, key=lambda line: line["val_loss"])
    assert load_checkpoint(whole_run / BEST_NAME).step == best["step"]
    names = sorted(path.name for path in whole_run.iterdir())
    assert names == [BEST_NAME, CHECKPOINT_NAME, METRICS_NAME]


def test_resuming_a_finished_run_changes_nothing(cache: PhotoCache, whole_run: Path) -> None:
    before = measured_lines(whole_run)
    run(TINY_RECIPE, cache.cache_dir, whole_run, resume=True)
    assert measured_lines(whole_run) == before


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
    assert measured_lines(tmp_path / "run")[-1]["step"] == TINY_RECIPE.steps


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
    with pytest.raises(
        DatasetError, match=r"validation_share 1.0 and data.folds 0 leave no photograph"
    ):
        run(all_held_out, cache.cache_dir, tmp_path / "run")


def test_photographs_of_the_left_out_fold_are_not_drawn(cache: PhotoCache) -> None:
    trained_on, held_out = cache.split(TINY_RECIPE.data.validation_share)
    left_out: set[int] = set()
    for fold in range(3):
        recipe = TINY_RECIPE.with_steps(100).leaving_out(fold, 3)
        photos = CropData(recipe, cache)
        hashes = {h for batch in photos.first_batches(100) for h in batch["name_hash"].tolist()}
        drawn = {index for index in range(len(cache)) if cache.name_hash(index) in hashes}
        missing = set(trained_on) - drawn
        assert missing == {i for i in trained_on if recipe.data.leaves_out(cache.name_hash(i))}
        assert not drawn & set(held_out)
        left_out |= missing
    assert left_out == set(trained_on)


def test_a_gan_records_both_players(cache: PhotoCache, tmp_path: Path, tiny_family: None) -> None:
    run(TINY_GAN_RECIPE, cache.cache_dir, tmp_path / "run")
    training, validation = measured_lines(tmp_path / "run")[2:4]
    assert set(training) == {"step", "loss", "l1", "deceit", "adversary_loss"}
    assert set(validation) == {"step", "val_loss", "val_ab_loss", "val_gray_loss"}
    # The adversary's verdict has no say in which checkpoint is the best.
    assert validation["val_loss"] == validation["val_ab_loss"]


@pytest.mark.parametrize("name", TINY_RECIPES)
def test_gradients_are_clipped(
    name: str, cache: PhotoCache, tmp_path: Path, tiny_family: None
) -> None:
    """Under a norm far below Adam's epsilon every parameter stays where it was."""
    moved = {}
    for clip_norm in (0.0, 1e-13):
        recipe = dataclasses.replace(
            TINY_RECIPES[name],
            optimizer=OptimizerRecipe(weight_decay=0.0, warmup_steps=0, clip_norm=clip_norm),
        )
        torch.manual_seed(recipe.trainer.seed)
        before = dict(ColorizationTask(recipe).named_parameters())
        run(recipe, cache.cache_dir, tmp_path / str(clip_norm))
        saved = torch.load(tmp_path / str(clip_norm) / CHECKPOINT_NAME, weights_only=True)
        after = saved["current_model_state"]
        moved[clip_norm] = [(after[each] - before[each]).abs().max().item() for each in before]
    assert min(moved[0.0]) > 1e-5
    assert max(moved[1e-13]) < 1e-6


def test_colours_are_observed_once(
    cache: PhotoCache, tmp_path: Path, tiny_family: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    observed: list[int] = []
    observe = RebalancedCrossEntropy.observe

    def count(self: RebalancedCrossEntropy, batches: Iterable[Batch]) -> None:
        observed.append(len(kept := list(batches)))
        observe(self, kept)

    monkeypatch.setattr(RebalancedCrossEntropy, "observe", count)
    recipe = dataclasses.replace(
        TINY_RECIPE,
        model=ModelRecipe(family="zhang313", options={"filters": 2}),
        objective=ObjectiveRecipe(name="rebalanced-cross-entropy"),
    )
    run(recipe, cache.cache_dir, tmp_path / "run")
    saved = torch.load(tmp_path / "run" / CHECKPOINT_NAME, weights_only=True)["state_dict"]
    run(recipe, cache.cache_dir, tmp_path / "run", resume=True)

    assert observed == [recipe.steps]  # a longer run would not need all of its batches
    assert saved["objective.bin_weights"].std() > 0
    validation = measured_lines(tmp_path / "run")[-1]
    assert validation["val_loss"] != validation["val_ab_loss"]


def test_a_run_may_begin_with_the_network_of_another(whole_run: Path, cache: PhotoCache) -> None:
    start = whole_run / CHECKPOINT_NAME
    still = dataclasses.replace(
        TINY_RECIPE,
        optimizer=OptimizerRecipe(learning_rate=1e-12, weight_decay=0.0),
        trainer=dataclasses.replace(TINY_RECIPE.trainer, seed=5),
    )
    trained_on = run(still, cache.cache_dir, whole_run / "on", start=start)
    anew = run(still, cache.cache_dir, whole_run / "anew")
    first, on, other = (
        dict(load_checkpoint(path).network.named_parameters()) for path in (start, trained_on, anew)
    )
    for name, weights in first.items():
        torch.testing.assert_close(on[name], weights, atol=1e-6, rtol=0)
    assert any(not torch.allclose(other[name], weights) for name, weights in first.items())


def test_a_run_may_begin_with_what_fits(cache: PhotoCache, tmp_path: Path) -> None:
    start = write_checkpoint(tmp_path / "start.ckpt", 1, "lite")
    recipe = dataclasses.replace(
        TINY_RECIPE,
        model=ModelRecipe(family="lite", options={"frozen_blocks": -1, "output_stride": 8}),
        stages=(CropStage(steps=1, crop=32, batch=2),),
        optimizer=OptimizerRecipe(learning_rate=1e-12, weight_decay=0.0),
    )
    coarse = run(recipe, cache.cache_dir, tmp_path / "run", start=start)
    first, found = (load_checkpoint(path).network for path in (start, coarse))
    begun, weights = dict(first.named_parameters()), dict(found.named_parameters())
    assert begun["ab_head.weight"].shape != weights["ab_head.weight"].shape
    for name in weights.keys() - {"ab_head.weight"}:
        torch.testing.assert_close(weights[name], begun[name], atol=1e-6, rtol=0)
    # What is frozen also measures nothing: its norms stay those of the pictures it learned from.
    measured = first.get_submodule("encoder").state_dict()
    for name, value in found.get_submodule("encoder").state_dict().items():
        assert torch.equal(value, measured[name]), name


@pytest.mark.parametrize("keep", [True, False])
def test_a_run_goes_by_the_norms_it_starts_with(
    keep: bool, cache: PhotoCache, tmp_path: Path
) -> None:
    start = write_checkpoint(tmp_path / "start.ckpt", 1, "lite")
    recipe = dataclasses.replace(
        TINY_RECIPE,
        model=ModelRecipe(family="lite"),
        stages=(CropStage(steps=2, crop=32, batch=2),),
        trainer=dataclasses.replace(TINY_RECIPE.trainer, keep_norms=keep),
    )
    trained = run(recipe, cache.cache_dir, tmp_path / "run", start=start)
    first, found = (load_checkpoint(path).network for path in (start, trained))
    measured = dict(found.named_buffers())
    same = [torch.equal(value, measured[name]) for name, value in first.named_buffers()]
    assert all(same) if keep else not any(same)
    weights = dict(found.named_parameters())
    assert any(not torch.equal(value, weights[name]) for name, value in first.named_parameters())


def test_a_run_cannot_begin_with_another_family(whole_run: Path, cache: PhotoCache) -> None:
    other = dataclasses.replace(TINY_RECIPE, model=ModelRecipe(family="plain-cnn"))
    with pytest.raises(ModelError, match=r"a tiny that does not fit the recipe's plain-cnn"):
        run(other, cache.cache_dir, whole_run / "on", start=whole_run / CHECKPOINT_NAME)
