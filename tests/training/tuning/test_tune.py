import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from colorize_batch.errors import DatasetError, UsageError
from colorize_batch.training.checkpoint import load_checkpoint
from colorize_batch.training.dataset.photo_cache import PhotoCache
from colorize_batch.training.models import FAMILIES
from colorize_batch.training.recipe_file import read_recipe
from colorize_batch.training.tuning import tune as tune_module
from colorize_batch.training.tuning.search_space import Choices, Range, SearchSpace
from colorize_batch.training.tuning.study_report import TrialReport
from colorize_batch.training.tuning.tune import (
    BEST_RECIPE_NAME,
    NUMBERS_NAME,
    REPORT_NAME,
    STUDY_NAME,
    tune,
)
from tests.training.measured import measured_lines
from tests.training.tiny_family import TINY_RECIPE, TinyNetwork

RECIPE = dataclasses.replace(TINY_RECIPE, stages=TINY_RECIPE.stages[:1])
SPACE = SearchSpace(
    {
        "optimizer.learning_rate": Range(low=1e-4, high=3e-2, log=True),
        "steps": Range(low=4, high=12),
        "stages.batch": Choices(choices=(2, 3)),
    }
)


@pytest.fixture
def search(
    cache: PhotoCache, tmp_path: Path, tiny_family: None
) -> Iterator[Callable[..., list[TrialReport]]]:
    """Tune the tiny family; gives the trials that this call made."""

    def call(trials: int, space: SearchSpace = SPACE, **changes: Any) -> list[TrialReport]:
        made: list[TrialReport] = []
        recipe = dataclasses.replace(RECIPE, **changes)
        tune(recipe, cache.cache_dir, tmp_path, space, trials=trials, on_trial=made.append)
        return made

    return call


def test_a_study_and_its_report(search: Callable[..., list[TrialReport]], tmp_path: Path) -> None:
    made = search(6)
    numbers = json.loads((tmp_path / NUMBERS_NAME).read_text())
    assert [trial["number"] for trial in numbers["trials"]] == list(range(6))
    assert {trial.state for trial in made} <= {"complete", "pruned"}
    complete = [trial for trial in made if trial.state == "complete"]
    best = min(complete, key=lambda trial: trial.loss or 0.0)
    assert numbers["best"] == best.number
    lines = [line for line in measured_lines(tmp_path / best.run) if "val_loss" in line]
    assert best.loss == min(line["val_loss"] for line in lines)
    assert [list(point) for point in best.curve] == [
        [line["step"], line["val_loss"]] for line in lines
    ]
    assert set(numbers["importance"]) == set(SPACE.domains)
    assert sum(numbers["importance"].values()) == pytest.approx(1)

    recipe = read_recipe(tmp_path / BEST_RECIPE_NAME)
    assert recipe == load_checkpoint(tmp_path / best.run / "last.ckpt").recipe
    assert recipe.steps == best.parameters["steps"]

    page = (tmp_path / REPORT_NAME).read_text()
    assert page.count("<svg") == 3 + len(SPACE.domains)
    assert f"Best: trial {best.number}, val_loss {best.loss:.4f}" in page
    without_names = re.sub(r'xmlns(:xlink)?="[^"]*"', "", page)
    assert not re.search(r"http|<script|src=|@import", without_names)  # it loads nothing


def test_goes_on_where_it_was_stopped(
    search: Callable[..., list[TrialReport]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also within a trial, with the same values, from its checkpoint."""
    begun: list[tuple[Path, bool]] = []
    run = tune_module.run

    def stopped_in_the_second(recipe: Any, cache_dir: Path, run_dir: Path, **rest: Any) -> Path:
        begun.append((run_dir, (run_dir / "last.ckpt").exists()))
        checkpoint = run(recipe, cache_dir, run_dir, **rest)
        if len(begun) == 2:
            raise KeyboardInterrupt
        return checkpoint

    monkeypatch.setattr(tune_module, "run", stopped_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        search(3)
    stopped = load_checkpoint(begun[1][0] / "last.ckpt").recipe
    made = search(3)
    assert [(path.name, known) for path, known in begun] == [
        *(("trial-0000", False), ("trial-0001", False)),
        *(("trial-0001", True), ("trial-0003", False)),
    ]
    assert made[0].parameters["steps"] == stopped.steps
    assert made[0].parameters["optimizer.learning_rate"] == stopped.optimizer.learning_rate
    assert search(3) == []
    assert len(json.loads((tmp_path / NUMBERS_NAME).read_text())["trials"]) == 3


class FragileNetwork(TinyNetwork):
    """Fails in three ways, if it is told to."""

    def __init__(self, *, fault: str = "", pretrained: bool = False) -> None:
        super().__init__(pretrained=pretrained)
        if fault == "range":
            raise UsageError("option fault = 'range': expected another")
        self.fault = fault

    def forward(self, l_plane: Any) -> Any:
        if self.fault == "memory":
            raise RuntimeError("cannot allocate memory\nin 3 lines")
        return super().forward(l_plane) * (float("nan") if self.fault == "nan" else 1)


def test_failed_trials_are_recorded(
    search: Callable[..., list[TrialReport]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FAMILIES, "tiny", FragileNetwork)
    faults = Choices(choices=("", "range", "memory", "nan"))
    made = search(9, SearchSpace({"model.options.fault": faults}))
    errors = {str(trial.parameters["model.options.fault"]): trial.error for trial in made}
    assert errors == {
        "": "",
        "range": "option fault = 'range': expected another",
        "memory": "cannot allocate memory",
        "nan": "training diverged: val_loss is nan at step 1",
    }
    assert {trial.state for trial in made if trial.error} == {"failed"}
    assert "cannot allocate memory" in (tmp_path / REPORT_NAME).read_text()


def test_hopeless_trials_are_stopped_early(search: Callable[..., list[TrialReport]]) -> None:
    """With one rate that learns and others that cannot, those that cannot are cut short."""
    rates = Choices(choices=(1e-2, 1e-9))
    made = search(
        7, SearchSpace({"optimizer.learning_rate": rates, "steps": Choices(choices=(10, 11))})
    )
    pruned = [trial for trial in made if trial.state == "pruned"]
    assert pruned
    for trial in pruned:
        assert len(trial.curve) < 10
        assert trial.number >= 5


def test_none_comes_to_its_end(
    search: Callable[..., list[TrialReport]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FAMILIES, "tiny", FragileNetwork)
    only = Choices(choices=("range", "memory"))
    with pytest.raises(UsageError, match="none of 2 trials came to its end; the first error: "):
        search(2, SearchSpace({"model.options.fault": only}))
    assert "No trial came to its end" in (tmp_path / REPORT_NAME).read_text()
    assert not (tmp_path / BEST_RECIPE_NAME).exists()


def test_another_question_needs_another_folder(search: Callable[..., list[TrialReport]]) -> None:
    search(1)
    with pytest.raises(UsageError, match="begun with another recipe, number of steps or search"):
        search(2, SearchSpace({"steps": Range(low=4, high=9)}))
    other = dataclasses.replace(RECIPE.optimizer, weight_decay=0.5)
    with pytest.raises(UsageError, match="begun with another recipe"):
        search(2, optimizer=other)


def test_faults_that_end_a_study(
    search: Callable[..., list[TrialReport]], cache: PhotoCache, tmp_path: Path
) -> None:
    with pytest.raises(DatasetError, match="no photo cache"):
        tune(RECIPE, tmp_path / "none", tmp_path / "study", SPACE, trials=1)
    (tmp_path / STUDY_NAME).write_bytes(b"not a data base, though as long as its header is" * 30)
    with pytest.raises(DatasetError, match="cannot keep the study: .*not a database"):
        search(1)
