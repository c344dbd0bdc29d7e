"""From a checkpoint to an engine and to a comparison of roads, by the command."""

import pytest
import typer

from colorize_batch.cli import export
from colorize_batch.engine.engine_file import read_engine_file
from colorize_batch.export.read_model import read_model
from tests.export.fake_builder import fake_flavor


@pytest.fixture
def run(capsys, monkeypatch):
    def call(*words):
        command = typer.main.get_command(export.app)
        code = command([*map(str, words)], standalone_mode=False)
        return code, capsys.readouterr().out

    fake_flavor(monkeypatch, "tensorrt-rtx", "1.7.1.116")
    return call


def test_engine(run, checkpoint, tmp_path, write_pictures):
    write_pictures(tmp_path / "photos", 1)
    words = ("--license", "CC0-1.0", "--training-data", "discs", "--name", "mine")
    _, out = run(
        *("engine", checkpoint, "--output", tmp_path / "new"),
        *("--photos", tmp_path / "photos", *words),
    )
    assert f"{checkpoint} -> {tmp_path / 'new' / 'mine.onnx'}; differs from PyTorch by" in out
    file = read_engine_file(tmp_path / "new" / "mine.engine")
    _, contract, onnx_sha256 = read_model(tmp_path / "new" / "mine.onnx")
    assert (contract.name, contract.license) == ("mine", "CC0-1.0")
    assert (file.contract, file.key.onnx_sha256) == (contract, onnx_sha256)


def test_parity(run, checkpoint, tmp_path, write_pictures):
    write_pictures(tmp_path / "photos", 1)
    code, out = run("parity", checkpoint, tmp_path / "photos")
    assert code == 0
    assert out.startswith("1 pictures; differences from PyTorch, float32, at most:")
    assert "ONNX Runtime, float32:" in out
    assert "FP16 as it rounds, " in out
