"""When a model becomes an engine, and what is said and done when it cannot."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from colorize_batch.cli import engine_on_first_use as module
from colorize_batch.cli.engine_on_first_use import device_for, engine_on_first_use
from colorize_batch.engine.inference.gpu import pycuda_device
from colorize_batch.errors import BackendError, ModelError, UsageError
from colorize_batch.export.tensorrt import engine_cache
from colorize_batch.export.tensorrt.build_progress import BuildStep


@pytest.fixture
def builder(monkeypatch, tmp_path):
    """TensorRT is there; `builder.error` is what building raises, `steps` what it reports."""
    path = tmp_path / "tiny.engine"
    builder = SimpleNamespace(error=None, gpu_error=None, steps=[], specs=[], path=path)

    def build(onnx_path, spec, *, on_progress):
        builder.specs.append(spec)
        for step in builder.steps:
            on_progress(step)
        if builder.error:
            raise builder.error
        return builder.path

    monkeypatch.setattr(engine_cache, "cached_engine", build)
    monkeypatch.setattr(module, "installed_flavors", lambda: ("tensorrt",))
    monkeypatch.setattr(module, "find_spec", lambda name: object())
    monkeypatch.setattr(module, "serves_gpus", lambda: False)

    def open_gpu():
        if builder.gpu_error:
            raise builder.gpu_error
        return SimpleNamespace(close=lambda: None)

    monkeypatch.setattr(pycuda_device, "PyCudaDevice", open_gpu)
    module._has_gpu.cache_clear()
    yield builder
    module._has_gpu.cache_clear()


@pytest.mark.parametrize(
    ("device", "gpu", "chosen"),
    [
        ("auto", 0, "cuda"),
        ("cuda", 0, "cuda"),
        ("cuda:2", 2, "cuda:2"),
        ("cuda:1,0", 1, "cuda:1,0"),
    ],
)
def test_a_model_becomes_an_engine(builder, capsys, tiny_model, device, gpu, chosen):
    assert device_for(device) == chosen
    assert engine_on_first_use(tiny_model, device) == (builder.path, chosen)
    assert [spec.gpu for spec in builder.specs] == [gpu]
    assert capsys.readouterr().err == ""  # it was in the cache


def test_a_build_is_told_unless_quiet(builder, capsys, tiny_model):
    builder.steps = [BuildStep(phase="Tuning", share=0.25), BuildStep(phase="Tuning", share=1.0)]
    engine_on_first_use(tiny_model, "cuda")
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first.startswith("building an engine of tiny for this GPU, once")
    assert last.startswith("built tiny.engine in ")
    engine_on_first_use(tiny_model, "cuda", quiet=True)
    assert capsys.readouterr().err == ""


def test_what_stays_a_model(builder, capsys, tiny_model, tmp_path, monkeypatch):
    assert engine_on_first_use(tiny_model, "cpu") == (tiny_model, "cpu")
    engine = tmp_path / "other.engine"
    assert engine_on_first_use(engine, "cuda") == (engine, "cuda")
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "pycuda" else object())
    assert engine_on_first_use(tiny_model, "cuda") == (tiny_model, "cuda")
    monkeypatch.setattr(module, "installed_flavors", tuple)
    assert engine_on_first_use(tiny_model, "auto") == (tiny_model, "auto")
    assert builder.specs == []


def test_auto_is_the_cpu_where_there_is_no_gpu(builder, capsys, tiny_model):
    builder.gpu_error = BackendError("no driver")
    assert device_for("auto") == "auto"
    assert engine_on_first_use(tiny_model, "auto") == (tiny_model, "auto")
    assert builder.specs == []
    assert capsys.readouterr().err == ""


def test_auto_never_fails_for_tensorrt(builder, capsys, tiny_model):
    builder.error = ModelError("differs by 9 ab units")
    assert engine_on_first_use(tiny_model, "auto") == (tiny_model, "auto")
    told = "note: going on without TensorRT: differs by 9 ab units\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("error", [BackendError("too old"), ModelError("not this graph")])
def test_the_second_road(builder, capsys, tiny_model, monkeypatch, error):
    builder.error = error
    with pytest.raises(type(error), match=str(error)):
        engine_on_first_use(tiny_model, "cuda")
    monkeypatch.setattr(module, "serves_gpus", lambda: True)
    assert engine_on_first_use(tiny_model, "cuda") == (tiny_model, "cuda")
    assert capsys.readouterr().err == f"note: going on without TensorRT: {error}\n"


def test_no_such_device(tiny_model):
    with pytest.raises(UsageError, match="expected one of auto"):
        engine_on_first_use(tiny_model, "tpu")
