import dataclasses
from pathlib import Path

from colorize_batch.training.dataset.photo_cache import PhotoCache
from colorize_batch.training.recipe import OptimizerRecipe
from colorize_batch.training.trainer import run
from tests.training.measured import measured_lines
from tests.training.tiny_family import TINY_RECIPE


def test_patience_ends_a_run_for_good(cache: PhotoCache, tmp_path: Path, tiny_family: None) -> None:
    # Too high a rate, so that validations get worse.
    hopeless = dataclasses.replace(
        TINY_RECIPE,
        optimizer=OptimizerRecipe(learning_rate=1e3, warmup_steps=0, clip_norm=0.0),
        trainer=dataclasses.replace(TINY_RECIPE.trainer, epoch_steps=1, patience=2),
    )
    run(hopeless, cache.cache_dir, tmp_path / "run")
    measured = measured_lines(tmp_path / "run")
    losses = [line["val_loss"] for line in measured if "val_loss" in line]
    assert len(losses) < hopeless.steps
    assert min(losses) == losses[-3]

    run(hopeless, cache.cache_dir, tmp_path / "run", resume=True)
    assert measured_lines(tmp_path / "run") == measured


def test_patience_waits_as_long_as_validations_get_better(
    cache: PhotoCache, tmp_path: Path, tiny_family: None
) -> None:
    patient = dataclasses.replace(
        TINY_RECIPE, trainer=dataclasses.replace(TINY_RECIPE.trainer, patience=1)
    )
    run(patient, cache.cache_dir, tmp_path / "run")
    assert measured_lines(tmp_path / "run")[-1]["step"] == patient.steps
