from __future__ import annotations

import pytest
import typer

from colorize_batch.cli import export
from colorize_batch.cli.reporting import exit_code_of
from tests.conftest import HAS_TORCH, write_tiny_model

pytestmark = pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")


@pytest.fixture
def wrap(tmp_path, capsys):
    def call(*arguments):
        source = write_tiny_model(tmp_path / "tiny.onnx")
        words = ["wrap", str(source), str(tmp_path / "out.onnx"), *arguments]
        words += ["--license", "MIT", "--training-data", "none"]
        command = typer.main.get_command(export.app)
        code = exit_code_of(lambda: command(words, standalone_mode=False), "colorize-export")
        return code, capsys.readouterr()

    return call


def test_wrap(wrap, tmp_path):
    code, said = wrap("--input", "l", "--output", "ab", "--range=0..100", "--multiple", "16")
    assert code == 0, said.err
    assert f"--model {tmp_path / 'out.onnx'}" in said.out
    assert (tmp_path / "out.onnx").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--range", "black..white"), "--range 'black..white': expected two numbers"),
        (("--mean", "a,b"), "--mean 'a,b': expected numbers"),
        (("--std", "0"), "std: expected no 0"),
    ],
)
def test_wrong_words_are_told_in_a_line(wrap, tmp_path, words, message):
    code, said = wrap("--input", "l", "--output", "ab", *words)
    assert code == 1
    assert message in said.err
    assert not (tmp_path / "out.onnx").exists()
