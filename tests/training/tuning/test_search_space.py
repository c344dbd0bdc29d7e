from pathlib import Path

import optuna
import pytest

from colorize_batch.errors import UsageError
from colorize_batch.training.recipe_file import read_recipe, recipe_file
from colorize_batch.training.tuning.search_space import (
    Choices,
    Range,
    SearchSpace,
    Value,
    applied,
)

MSE = read_recipe(recipe_file("mse-cnn"))


def suggested(space: SearchSpace, values: dict[str, Value]) -> dict[str, Value]:
    return space.suggested(optuna.trial.FixedTrial(values))  # type: ignore[arg-type]


def test_the_six_of_mse_cnn() -> None:
    space = SearchSpace.of_mse_cnn(400)
    space.check(MSE)
    assert [key.rpartition(".")[2] for key in space.domains] == [
        *("kernel", "filters", "dropout", "stride", "batch", "steps")
    ]
    assert space.domains["steps"] == Range(low=100, high=400, log=True)
    SearchSpace.of_mse_cnn(1).check(MSE)


def test_values_reach_the_recipe() -> None:
    values: dict[str, Value] = {
        "model.options.kernel": 5,
        "stages.batch": 8,
        "steps": 30,
        "optimizer.learning_rate": 0.5,
        "data.grain_share": 1,
    }
    recipe = applied(MSE, values)
    assert recipe.model.options == MSE.model.options | {"kernel": 5}
    assert [stage.batch for stage in recipe.stages] == [8]
    assert recipe.steps == 30
    assert (recipe.optimizer.learning_rate, recipe.data.grain_share) == (0.5, 1.0)
    assert MSE.model.options["kernel"] == 3  # the recipe itself stays as it was


def test_what_a_file_says(tmp_path: Path) -> None:
    path = tmp_path / "search.toml"
    path.write_text(
        """
        steps = { low = 10, high = 20 }
        "optimizer.learning_rate" = { low = 1e-4, high = 1e-2, log = true }
        [model.options]
        filters = { choices = [4, 8] }
        """
    )
    space = SearchSpace.read(path)
    assert space.domains == {
        "steps": Range(low=10, high=20),
        "optimizer.learning_rate": Range(low=1e-4, high=1e-2, log=True),
        "model.options.filters": Choices(choices=(4, 8)),
    }
    values = {"steps": 11, "optimizer.learning_rate": 1e-3, "model.options.filters": 8}
    assert suggested(space, values) == values
    assert type(suggested(space, values)["steps"]) is int


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "at least one key"),
        ("steps = 3", "steps: expected {low = , high = } or"),
        ("steps = {low = 3}", "low and high must be numbers"),
        ("steps = {low = true, high = 3}", "low and high must be numbers"),
        ("steps = {low = 3, high = 3}", "low = 3, high = 3: expected low below high"),
        ("steps = {low = 3, high = 4, log = 1}", "log true or false"),
        ("steps = {low = 0, high = 4, log = true}", "expected above 0 where log is true"),
        ("steps = {low = 3, high = 4, step = 2}", "steps: unknown key beside low"),
        ("steps = {choices = [3]}", "expected at least two"),
        ("steps = {choices = [[3], [4]]}", "expected at least two"),
        ("loss.beta = {low = 1.0, high = 2.0}", "loss.beta: not to be searched"),
        ("stages.crop = {choices = [32, 64]}", "stages.crop: not to be searched"),
        ("steps = {low = ", "not TOML"),
    ],
)
def test_wrong_files(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "search.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=f"{path}: .*{message}"):
        SearchSpace.read(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the search: No such file"):
        SearchSpace.read(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("modle.options.kernel", "unknown key 'modle.options.kernel'"),
        ("kernel", "unknown key 'kernel'"),
        ("model.option.kernel", "unknown key 'model.option.kernel'"),
        ("trainer.speed", "unknown key 'trainer.speed'"),
        ("stages.size", "unknown key 'stages.size'"),
        ("data.min_crop", "min_crop must be between 0 and 1"),
        ("trainer.seed", "trainer.seed: expected a valid integer"),
    ],
)
def test_domains_that_do_not_fit_the_recipe(key: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        SearchSpace({key: Range(low=0.5, high=7.5)}).check(MSE)
