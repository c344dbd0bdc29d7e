from pathlib import Path

import pytest

from colorize_batch.errors import UsageError
from colorize_batch.training.models import FAMILIES
from colorize_batch.training.recipe import CropStage, ModelRecipe
from colorize_batch.training.recipe_file import (
    RECIPES_DIR,
    read_recipe,
    recipe_file,
    recipe_from_tables,
)

SMALLEST = {"model": {"family": "lite"}, "stages": [{"steps": 10, "crop": 64, "batch": 4}]}


@pytest.mark.parametrize("path", sorted(RECIPES_DIR.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_recipes_are_whole(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.model.family == path.stem.removesuffix("-finetune")
    assert recipe.optimizer.warmup_steps < recipe.steps


def test_every_family_has_a_recipe() -> None:
    stems = {path.stem for path in RECIPES_DIR.glob("*.toml")}
    assert {stem for stem in stems if not stem.endswith("-finetune")} == set(FAMILIES)


def test_defaults_fill_what_is_left_out() -> None:
    recipe = recipe_from_tables(SMALLEST, "here")
    assert recipe.stages == (CropStage(steps=10, crop=64, batch=4),)
    assert recipe.loss.name == "smooth_l1"


def test_survives_a_checkpoint() -> None:
    options = {"model": {"family": "pix2pix", "options": {"depth": 6}}}
    recipe = recipe_from_tables(SMALLEST | options, "here")
    tables = recipe.to_tables()
    assert recipe_from_tables(tables, "checkpoint") == recipe


def test_steps_add_up() -> None:
    stages = [{"steps": 10, "crop": 64, "batch": 4}, {"steps": 5, "crop": 96, "batch": 2}]
    assert recipe_from_tables(SMALLEST | {"stages": stages}, "here").steps == 15


@pytest.mark.parametrize(
    ("steps", "each"), [(30, (20, 10)), (15, (10, 5)), (4, (3, 1)), (2, (1, 1))]
)
def test_other_steps_keep_the_stages_shares(steps: int, each: tuple[int, int]) -> None:
    stages = [{"steps": 10, "crop": 64, "batch": 4}, {"steps": 5, "crop": 96, "batch": 2}]
    recipe = recipe_from_tables(SMALLEST | {"stages": stages}, "here").with_steps(steps)
    assert recipe.steps == steps
    assert tuple(stage.steps for stage in recipe.stages) == each
    assert [stage.crop for stage in recipe.stages] == [64, 96]


def test_every_stage_keeps_a_step() -> None:
    """Also the last, short ones, where rounding would give all steps to the first."""
    stages = [{"steps": steps, "crop": 64, "batch": 4} for steps in (100, 1, 1)]
    recipe = recipe_from_tables(SMALLEST | {"stages": stages}, "here").with_steps(4)
    assert [stage.steps for stage in recipe.stages] == [2, 1, 1]


def test_fewer_steps_than_stages_are_refused() -> None:
    with pytest.raises(UsageError, match="steps 0: expected at least 1"):
        recipe_from_tables(SMALLEST, "here").with_steps(0)


def test_a_fold_is_left_out() -> None:
    recipe = recipe_from_tables(SMALLEST, "here").leaving_out(4, 5)
    assert (recipe.data.left_out_fold, recipe.data.folds) == (4, 5)
    assert [recipe.data.leaves_out(name_hash) for name_hash in (4, 5, 2**62)] == [True, False, True]
    assert not recipe_from_tables(SMALLEST, "here").data.leaves_out(0)


@pytest.mark.parametrize(
    ("fold", "folds", "message"),
    [
        (5, 5, "left_out_fold 5: expected 0 to 4"),
        (-1, 5, "left_out_fold -1: expected 0 to 4"),
        (1, 0, "left_out_fold 1: expected 0 to 0"),
        (0, 1, "folds must be 0 or at least 2"),
    ],
)
def test_no_such_fold(fold: int, folds: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        recipe_from_tables(SMALLEST, "here").leaving_out(fold, folds)


def test_smoke_keeps_the_model_and_shortens_the_run() -> None:
    recipe = read_recipe(recipe_file("lite"))
    smoke = recipe.for_smoke()
    assert smoke.model == recipe.model
    assert smoke.steps < 100


def test_smoke_as_its_table_says() -> None:
    tables = {
        "model": {"family": "mse-cnn", "options": {"filters": 32, "stride": 4}},
        "smoke": {"steps": 6, "crop": 32, "pretrained": False, "options": {"filters": 8}},
    }
    smoke = recipe_from_tables(SMALLEST | tables, "here").for_smoke()
    options = {"filters": 8, "stride": 4}
    assert smoke.model == ModelRecipe(family="mse-cnn", pretrained=False, options=options)
    assert smoke.stages == (CropStage(steps=6, crop=32, batch=8),)
    assert smoke.trainer.epoch_steps == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"modle": {}}, "here: unknown key 'modle'; known here: model, stages"),
        ({"model": {"family": "lite", "size": 3}}, "unknown key 'model.size'"),
        ({"model": {}}, "missing model.family"),
        ({"model": "lite"}, r"\[model\] must be a table"),
        ({"model": {"family": "lite", "options": 3}}, r"\[model.options\] must be a table"),
        ({"objective": {"options": [1]}}, r"\[objective.options\] must be a table"),
        ({"model": {"family": 3}}, "model.family: expected a valid string, got 3"),
        ({"stages": []}, "at least one"),
        ({"stages": {"steps": 1}}, "stages: expected a valid array"),
        ({"stages": [{"steps": 1, "crop": 30, "batch": 4}]}, "crop must be at least 32"),
        ({"stages": [{"steps": 0, "crop": 64, "batch": 4}]}, "steps must be positive"),
        ({"data": {"min_crop": 1.5}}, "data.min_crop must be between 0 and 1"),
        (
            {"data": {"source_weights": {"pets": -1.0}}},
            "data.source_weights.pets must be a number, 0 or more",
        ),
        (
            {"data": {"source_weights": {"pets": "few"}}},
            "data.source_weights.pets: expected a valid number, got 'few'",
        ),
        ({"data": {"border_share": 2.0}}, "data.border_share must be between 0 and 1"),
        ({"loss": {"gradient_share": -0.1}}, "loss.gradient_share must not be negative"),
        ({"data": {"max_stretch": 0.5}}, "data.max_stretch must be at least 1"),
        ({"optimizer": {"learning_rate": 0.0}}, "learning_rate must be positive"),
        ({"optimizer": {"clip_norm": -1.0}}, "clip_norm must not be negative"),
        ({"optimizer": {"warmup_steps": 1.5}}, "warmup_steps: expected a valid integer, got 1.5"),
        ({"optimizer": {"beta1": 1.0}}, "beta1 must be in 0..1, 1 excluded"),
        ({"trainer": {"patience": -1}}, "patience must not be negative"),
        ({"loss": {"beta": 0}}, "loss.beta must be positive"),
        ({"trainer": {"precision": "8"}}, "expected one of 32-true, bf16-mixed, 16-mixed"),
        ({"trainer": {"ema_decay": 1}}, "ema_decay must be in 0..1"),
        ({"trainer": {"seed": True}}, "seed: expected a valid integer, got True"),
    ],
)
def test_wrong_tables(change: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        recipe_from_tables(SMALLEST | change, "here")


def test_missing_stages() -> None:
    with pytest.raises(UsageError, match="here: missing stages"):
        recipe_from_tables({"model": {"family": "lite"}}, "here")


def test_wrong_files(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the recipe: No such file"):
        read_recipe(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"[model\n")
    with pytest.raises(UsageError, match="not TOML"):
        read_recipe(broken)
    broken.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="not TOML"):
        read_recipe(broken)


def test_names_and_paths() -> None:
    assert recipe_file("lite") == RECIPES_DIR / "lite.toml"
    assert recipe_file("mine/own.toml") == Path("mine/own.toml")
    with pytest.raises(UsageError, match="'none': expected base or cifar-gan or .* or lite"):
        recipe_file("none")
