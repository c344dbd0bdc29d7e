import json
from types import SimpleNamespace

import pytest

from colorize_batch import extras
from colorize_batch.errors import MissingDependencyError
from colorize_batch.extras import needs_extra


def test_names_the_extra():
    with (
        pytest.raises(
            MissingDependencyError, match=r"needs 'torch'; pip install 'colorize-batch\[train\]'"
        ),
        needs_extra("train"),
    ):
        raise ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")


@pytest.mark.parametrize("error", [ModuleNotFoundError("x", name="numpy"), ImportError("broken")])
def test_other_import_errors_pass(error):
    with pytest.raises(type(error)) as caught, needs_extra("train"):
        raise error
    assert caught.value is error


HINT = "this command needs 'torch'; pip install 'colorize-batch[train]'"


@pytest.mark.parametrize("record", [None, '{"url": "https://example.org/x.whl"}'])
def test_hints_of_an_installed_release_stay(monkeypatch, record):
    monkeypatch.setattr(
        extras, "distribution", lambda name: SimpleNamespace(read_text=lambda _: record)
    )
    assert extras.with_installable_hints(HINT) == HINT


def test_hints_of_an_installed_clone_name_it(monkeypatch, tmp_path):
    clone = tmp_path / "my clone"
    clone.mkdir()
    record = json.dumps({"url": clone.as_uri(), "dir_info": {}})
    monkeypatch.setattr(
        extras, "distribution", lambda name: SimpleNamespace(read_text=lambda _: record)
    )
    assert extras.with_installable_hints(HINT) == HINT  # it is gone
    (clone / "pyproject.toml").touch()
    hint = f"this command needs 'torch'; pip install '{clone}[train]'"
    assert extras.with_installable_hints(HINT) == hint
