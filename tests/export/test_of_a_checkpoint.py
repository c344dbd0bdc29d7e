"""From a checkpoint to an engine and to a comparison of paths, by the command."""

import pytest
import typer

from colorize_batch.cli import export
from colorize_batch.engine.inference.tensorrt.engine_file import read_engine_file
from colorize_batch.export.graph.chroma_curve import pop_chroma_curve
from colorize_batch.export.graph.read_model import read_model
from colorize_batch.training.dataset.prepare import prepare
from tests.export.tensorrt.fake_builder import fake_flavor
from tests.training.photos import write_photo


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


def test_calibrate_then_int8(run, checkpoint, tmp_path):
    for number in range(3):
        write_photo(tmp_path / "photos" / f"{number}.png", 80, 96, seed=number)
    prepare([str(tmp_path / "photos")], tmp_path / "cache", short_side=64)
    plain, curved, small = (tmp_path / f"{name}.onnx" for name in ("plain", "curved", "small"))
    run("onnx", checkpoint, plain, "--license", "CC0-1.0", "--training-data", "discs")
    data = ("--data", tmp_path / "cache")
    _, out = run("calibrate", plain, curved, *data, "--colorfulness", "0.3")
    assert out.startswith(f"{plain} -> {curved}; colourfulness ")
    assert "-> 30% of the truth's, CIEDE2000 " in out
    run("int8", curved, small, *data)
    curves = [pop_chroma_curve(read_model(path)[0]) for path in (plain, curved, small)]
    assert curves[0] is None
    assert curves[1] is not None
    assert curves[1] == curves[2]
