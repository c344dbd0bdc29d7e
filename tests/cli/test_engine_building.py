"""How the build of an engine is shown."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from colorize_batch import chosen_model
from colorize_batch.chosen_model import choose_model
from colorize_batch.cli.engine_building import open_with_display
from colorize_batch.errors import BackendError
from colorize_batch.export.tensorrt import engine_cache
from colorize_batch.export.tensorrt.build_progress import BuildStep


@pytest.fixture
def builder(monkeypatch, tmp_path):
    """An engine of the model for a GPU that is not there; `builder.error` ends its build."""
    builder = SimpleNamespace(error=None)

    def build(onnx_path, spec, *, on_progress):
        on_progress(BuildStep(phase="Tuning", share=0.5))
        if builder.error:
            raise builder.error
        return tmp_path / "tiny.engine"

    monkeypatch.setattr(engine_cache, "cached_engine", build)
    monkeypatch.setattr(chosen_model, "has_tensorrt", lambda: True)
    monkeypatch.setattr(chosen_model, "_has_gpu", lambda: True)
    monkeypatch.setattr(
        chosen_model, "open_backend", lambda *_, **__: SimpleNamespace(close=lambda: None)
    )
    return builder


def test_a_build_is_announced_and_timed_unless_quiet(builder, capsys, tiny_model):
    open_with_display(choose_model(tiny_model))
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first == "building an engine of tiny for this GPU, once; it is kept for next time"
    assert last.startswith("built the engine of tiny in ")
    open_with_display(choose_model(tiny_model), quiet=True)
    assert capsys.readouterr().err == ""


def test_a_build_that_fails_is_a_note(builder, capsys, tiny_model):
    builder.error = BackendError("the driver is too old")
    open_with_display(choose_model(tiny_model))
    err = capsys.readouterr().err
    assert "note: going on without TensorRT, with tiny on cpu: the driver is too old\n" in err
    assert "built" not in err
    open_with_display(choose_model(tiny_model), quiet=True)
    assert capsys.readouterr().err == ""
