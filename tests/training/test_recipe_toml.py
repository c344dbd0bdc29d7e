import dataclasses
import tomllib
from pathlib import Path

import pytest

from colorize_batch.training.recipe import ModelRecipe
from colorize_batch.training.recipe_file import RECIPES_DIR, read_recipe
from colorize_batch.training.recipe_toml import toml_from_recipe


@pytest.mark.parametrize("path", sorted(RECIPES_DIR.glob("*.toml")), ids=lambda path: path.stem)
def test_reads_back_the_same(path: Path, tmp_path: Path) -> None:
    recipe = read_recipe(path)
    (tmp_path / "copy.toml").write_text(toml_from_recipe(recipe, "a copy"))
    assert read_recipe(tmp_path / "copy.toml") == recipe


def test_values_that_need_care(tmp_path: Path) -> None:
    options = {"text": 'a "quoted" \\ path\nof é', "odd key": [1, 2.5e-7], "on": True}
    recipe = read_recipe(RECIPES_DIR / "lite.toml")
    recipe = dataclasses.replace(recipe, model=ModelRecipe(family="lite", options=options))
    assert tomllib.loads(toml_from_recipe(recipe, "hard"))["model"]["options"] == options
