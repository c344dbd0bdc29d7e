"""Which file a model's name means."""

from __future__ import annotations

from pathlib import Path

import pytest

from colorize_batch.engine.inference import model_files
from colorize_batch.engine.inference.model_files import model_file, shipped_models
from colorize_batch.errors import UsageError
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
    with pytest.raises(UsageError, match="expected auto or lite or lite-int8, or a path"):
        model_file("large")
