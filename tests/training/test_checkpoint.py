import dataclasses
from pathlib import Path

import pytest
import torch

from colorize_batch.errors import ModelError
from colorize_batch.training.checkpoint import load_checkpoint
from colorize_batch.training.dataset.photo_cache import PhotoCache
from colorize_batch.training.recipe import ModelRecipe
from colorize_batch.training.trainer import run
from tests.training.tiny_family import TINY_GAN_RECIPE, TINY_RECIPE


@pytest.fixture
def checkpoint(cache: PhotoCache, tmp_path: Path, tiny_family: None) -> Path:
    return run(TINY_RECIPE, cache.cache_dir, tmp_path / "run")


def test_takes_the_averaged_weights(checkpoint: Path) -> None:
    trained = load_checkpoint(checkpoint)
    saved = torch.load(checkpoint, weights_only=True)
    weight = trained.network.get_parameter("layers.0.weight")

    assert torch.equal(weight, saved["state_dict"]["model.layers.0.weight"])
    assert not torch.equal(weight, saved["current_model_state"]["model.layers.0.weight"])
    assert saved["averaging_state"]["n_averaged"] == TINY_RECIPE.steps


def test_gives_recipe_step_and_evaluation_mode(checkpoint: Path) -> None:
    trained = load_checkpoint(checkpoint)
    assert trained.recipe == TINY_RECIPE
    assert trained.step == TINY_RECIPE.steps
    assert not trained.network.training


def test_keeps_the_options_and_leaves_the_adversary(
    cache: PhotoCache, tmp_path: Path, tiny_family: None
) -> None:
    options = {"filters": 4, "dropout": 0.25}
    recipe = dataclasses.replace(
        TINY_GAN_RECIPE, model=ModelRecipe(family="cifar-gan", options=options)
    )
    trained = load_checkpoint(run(recipe, cache.cache_dir, tmp_path / "run"))
    assert trained.recipe.model.options == options
    assert trained.network.get_parameter("head.weight").shape == (2, 8, 1, 1)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read the checkpoint: No such file"):
        load_checkpoint(tmp_path / "none.ckpt")


def test_what_is_no_checkpoint(tmp_path: Path, checkpoint: Path) -> None:
    text = tmp_path / "text.ckpt"
    text.write_text("not a checkpoint")
    empty = tmp_path / "empty.ckpt"
    empty.touch()
    cut = tmp_path / "cut.ckpt"
    cut.write_bytes(checkpoint.read_bytes()[:5000])
    other = tmp_path / "other.ckpt"
    torch.save({"state_dict": {}}, other)
    for path in (text, empty, cut, other):
        with pytest.raises(ModelError, match=f"{path}: not a checkpoint of colorize-train"):
            load_checkpoint(path)


def test_weights_of_another_network(tmp_path: Path, checkpoint: Path) -> None:
    saved = torch.load(checkpoint, weights_only=True)
    del saved["state_dict"]["model.layers.0.weight"]
    torch.save(saved, checkpoint)
    with pytest.raises(ModelError, match="not a checkpoint of colorize-train"):
        load_checkpoint(checkpoint)
