"""Which file a model's name means."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from colorize_batch.engine.inference import model_files
from colorize_batch.engine.inference.model_files import model_file, shipped_models
from colorize_batch.errors import ModelError, UsageError
from colorize_batch.kernels import cpu


def test_shipped_models_exist() -> None:
    assert {"lite", "lite-int8"} <= set(shipped_models())
    for name in shipped_models():
        assert model_file(name).stem == name
        assert model_file(name).is_file()


@pytest.mark.parametrize(
    ("fast_in_8_bit", "for_cpu", "name"),
    [
        (True, True, "lite-int8"),
        (False, True, "lite"),
        (True, False, "lite"),
        (False, False, "lite"),
    ],
)
def test_auto_suits_the_device(
    monkeypatch: pytest.MonkeyPatch, fast_in_8_bit: bool, for_cpu: bool, name: str
) -> None:
    monkeypatch.setattr(cpu, "HAS_INT8_DOT_PRODUCT", fast_in_8_bit)
    assert model_file(model_files.DEFAULT_MODEL, for_cpu=for_cpu).stem == name


def test_a_path_is_taken_as_it_is(tiny_model: Path, tmp_path: Path) -> None:
    assert model_file(tiny_model) == tiny_model
    with pytest.raises(UsageError, match=r"none\.onnx: no such model file"):
        model_file(tmp_path / "none.onnx")


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(UsageError, match="expected auto or lite or lite-int8, a name of"):
        model_file("large")


def test_shipped_models_are_as_shipped(tmp_path, monkeypatch):

    folder = model_files._FOLDER
    for name in model_files.shipped_models():
        path = model_files.model_file(name)
        model_files.check_as_shipped(path, hashlib.sha256(path.read_bytes()).hexdigest())
        with pytest.raises(ModelError, match="not the file that was shipped"):
            model_files.check_as_shipped(path, "0" * 64)
    lines = (folder / model_files.SUMS_NAME).read_text().splitlines()
    # After a change: (cd models && sha256sum *.onnx > SHA256SUMS)
    named = {line.split("  ")[1] for line in lines}
    assert named == {f"{name}.onnx" for name in model_files.shipped_models()}
    model_files.check_as_shipped(tmp_path / "mine.onnx", "0" * 64)
    monkeypatch.setattr(model_files, "SUMS_NAME", "missing")
    with pytest.raises(ModelError, match="not the file that was shipped"):
        model_files.check_as_shipped(folder / "lite.onnx", lines[1].split("  ")[0])
