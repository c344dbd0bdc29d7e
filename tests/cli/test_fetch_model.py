"""`colorize-export fetch` and `--model` with a name that is not here yet."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import pytest
import torch

from colorize_batch.engine.inference import model_files, published_files
from colorize_batch.engine.inference.model_files import model_file
from colorize_batch.errors import UsageError
from tests.export.test_fetch_weights import serving
from tests.training.public.test_public_weights import hollow

pytest.importorskip("pooch")

from colorize_batch.cli import export, fetch_model
from colorize_batch.cli.reporting import exit_code_of


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def run(*words):
    import typer

    command = typer.main.get_command(export.app)
    return exit_code_of(lambda: command(list(words), standalone_mode=False), "colorize-export")


def test_the_list_names_every_published_model(home, capsys):
    assert run("fetch") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [
        each.name for each in published_files.PUBLISHED_FILES
    ]


def test_without_yes_and_without_a_terminal_nothing_is_fetched(home, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run("fetch", "ddcolor-tiny") == 1
    shown = capsys.readouterr()
    assert "licence Apache-2.0; 220 MB from https://huggingface.co/piddnad" in shown.out
    assert "must be accepted: add --yes" in shown.err


def test_fetched_imported_and_found_by_name(home, capsys, monkeypatch):
    torch.save(hollow("eccv16"), home / "weights.pth")
    content = (home / "weights.pth").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    imported = []

    def import_checkpoint(path, onnx_path, options):
        imported.append((path.read_bytes(), options.name))
        onnx_path.write_bytes(b"a model")
        return type("Report", (), {"error_ab": 1e-5})()

    monkeypatch.setattr(
        "colorize_batch.export.import_checkpoint.import_checkpoint", import_checkpoint
    )
    with serving(content) as server:
        url = f"http://127.0.0.1:{server.server_port}/weights.pth"
        files = (replace(published_files.PUBLISHED_FILES[0], url=url, sha256=sha256),)
        monkeypatch.setattr(published_files, "PUBLISHED_FILES", files)
        monkeypatch.setattr(fetch_model, "PUBLISHED_FILES", files)
        assert run("fetch", "eccv16", "--yes") == 0
        assert run("fetch", "eccv16", "--yes", "--weights-only") == 0
    assert server.starts == [0]
    assert imported == [(content, "eccv16")]
    assert model_file("eccv16") == home / "data" / "colorize-batch" / "models" / "eccv16.onnx"
    assert "use it with: colorize-batch SRC DST --model eccv16" in capsys.readouterr().out


def test_a_name_that_is_not_here_says_how_to_get_it(home):
    with pytest.raises(UsageError, match="colorize-export fetch ddcolor-tiny .220 MB, Apache-2.0"):
        model_file("ddcolor-tiny")


def test_a_name_is_no_path(home):
    (home / "data" / "colorize-batch").mkdir(parents=True)
    (home / "data" / "colorize-batch" / "x.onnx").touch()
    with pytest.raises(UsageError, match="expected auto or"):
        model_file("../x")
    assert model_files.user_models() == home / "data" / "colorize-batch" / "models"
