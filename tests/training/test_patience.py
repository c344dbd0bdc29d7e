import dataclasses
import json
from pathlib import Path
from typing import Any

from colorize_batch.training.dataset.photo_cache import PhotoCache
from colorize_batch.training.recipe import OptimizerRecipe
from colorize_batch.training.trainer import METRICS_NAME, run
from tests.training.tiny_family import TINY_RECIPE


def metrics(run_dir: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run_dir / METRICS_NAME).read_text().splitlines()]


def test_patience_ends_a_run_for_good(cache: PhotoCache, tmp_path: Path, tiny_family: None) -> None:
    # Too high a rate, so that validations get worse.
    hopeless = dataclasses.replace(
        TINY_RECIPE,
        optimizer=OptimizerRecipe(learning_rate=1e3, warmup_steps=0, clip_norm=0.0),
        trainer=dataclasses.replace(TINY_RECIPE.trainer, epoch_steps=1, patience=2),
    )
    run(hopeless, cache.cache_dir, tmp_path / "run")
    measured = metrics(tmp_path / "run")
    losses = [line["val_loss"] for line in measured if "val_loss" in line]
    assert len(losses) < hopeless.steps
    assert min(losses) == losses[-3]

    run(hopeless, cache.cache_dir, tmp_path / "run", resume=True)
    assert metrics(tmp_path / "run") == measured


def test_patience_waits_as_long_as_validations_get_better(
    cache: PhotoCache, tmp_path: Path, tiny_family: None
) -> None:
    patient = dataclasses.replace(
        TINY_RECIPE, trainer=dataclasses.replace(TINY_RECIPE.trainer, patience=1)
    )
    run(patient, cache.cache_dir, tmp_path / "run")
    assert metrics(tmp_path / "run")[-1]["step"] == patient.steps
