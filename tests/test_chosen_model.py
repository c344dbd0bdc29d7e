"""Which file runs where, and what is said and done when that cannot be."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from colorize_batch import chosen_model as module
from colorize_batch.chosen_model import choose_model
from colorize_batch.engine.inference import execution_providers
from colorize_batch.engine.inference.execution_providers import Accelerator
from colorize_batch.engine.inference.gpu import open_device as open_device_module
from colorize_batch.errors import BackendError, ModelError, UsageError
from colorize_batch.export.tensorrt import engine_cache
from colorize_batch.export.tensorrt.build_progress import BuildStep
from colorize_batch.kernels import cpu


class FakeGpus:
    """What stands in for TensorRT, ONNX Runtime on GPUs, and the driver."""

    def __init__(self, path):
        self.path = path
        self.build_error = self.engine_error = self.gpu_error = self.onnx_error = None
        self.steps, self.specs, self.opened, self.refused = [], [], [], []

    def build(self, onnx_path, spec, *, on_progress):
        self.specs.append(spec)
        for step in self.steps:
            on_progress(step)
        if self.build_error:
            raise self.build_error
        return self.path

    def device(self):
        if self.gpu_error:
            raise self.gpu_error
        return SimpleNamespace(close=lambda: None)

    def open(self, path, *, device, threads, on_note):
        self.opened.append((path, device, threads))
        error = self.engine_error if path.suffix == ".engine" else self.onnx_error
        if error and device != "cpu":
            raise error
        return SimpleNamespace(device=device, close=lambda: None)


@pytest.fixture
def gpus(monkeypatch, tmp_path):
    """TensorRT is installed and there is a GPU; ONNX Runtime serves none."""
    gpus = FakeGpus(tmp_path / "tiny.engine")
    monkeypatch.setattr(engine_cache, "cached_engine", gpus.build)
    monkeypatch.setattr(
        engine_cache, "refuse_engine", lambda path, gpu, error: gpus.refused.append((path, gpu))
    )
    monkeypatch.setattr(module, "installed_flavors", lambda: ("tensorrt",))
    monkeypatch.setattr(module, "find_spec", lambda name: object())
    monkeypatch.setattr(module, "serves_gpus", lambda: False)
    monkeypatch.setattr(module, "open_backend", gpus.open)
    monkeypatch.setattr(open_device_module, "open_device", gpus.device)
    monkeypatch.setattr(cpu, "HAS_INT8_DOT_PRODUCT", True)
    module._has_gpu.cache_clear()
    yield gpus
    module._has_gpu.cache_clear()


@pytest.mark.parametrize(
    ("device", "gpu", "resolved"),
    [
        ("auto", 0, "cuda"),
        ("cuda", 0, "cuda"),
        ("cuda:2", 2, "cuda:2"),
        ("cuda:1,0", 1, "cuda:1,0"),
    ],
)
def test_a_gpu_runs_an_engine(gpus, tiny_model, device, gpu, resolved):
    model = choose_model(tiny_model, device)
    assert (model.path, model.name, model.device) == (tiny_model, "tiny", resolved)
    assert model.by_tensorrt
    assert gpus.specs == []  # choosing builds nothing
    opened = model.open(threads=3)
    assert opened.model == model
    assert gpus.opened == [(gpus.path, resolved, 3)]
    assert [spec.gpu for spec in gpus.specs] == [gpu]


def test_the_digest_is_that_of_the_file(tiny_model):
    expected = hashlib.sha256(tiny_model.read_bytes()).hexdigest()
    assert choose_model(tiny_model, "cpu").sha256 == expected


@pytest.mark.parametrize(
    ("in_8_bit", "device", "name"),
    [
        (True, "cpu", "lite-int8"),
        (False, "cpu", "lite"),
        (True, "cuda:0,1", "lite"),
        (True, "auto", "lite"),
    ],
)
def test_the_default_model_suits_the_device(gpus, monkeypatch, in_8_bit, device, name):
    monkeypatch.setattr(cpu, "HAS_INT8_DOT_PRODUCT", in_8_bit)
    assert choose_model(device=device).name == name


def test_without_a_gpu_it_is_the_cpu(gpus):
    gpus.gpu_error = BackendError("no driver")
    model = choose_model()
    assert (model.name, model.device, model.by_tensorrt) == ("lite-int8", "cpu", False)


def test_onnx_runtime_may_serve_the_gpu(gpus, monkeypatch):
    gpus.gpu_error = BackendError("no PyCUDA")
    monkeypatch.setattr(module, "serves_gpus", lambda: True)
    model = choose_model()
    assert (model.name, model.device, model.by_tensorrt) == ("lite", "cuda", False)


def test_what_is_no_engine(gpus, tiny_model, tmp_path, monkeypatch):
    assert not choose_model(tiny_model, "cpu").by_tensorrt
    assert not choose_model(tiny_model, "cuda", engines=False).by_tensorrt
    engine = tmp_path / "other.engine"
    shutil.copy(tiny_model, engine)
    for device in ("auto", "cuda"):
        model = choose_model(engine, device)
        assert (model.path, model.device, model.by_tensorrt) == (engine, "cuda", False)
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "cuda" else object())
    assert not choose_model(tiny_model, "cuda").by_tensorrt
    monkeypatch.setattr(module, "installed_flavors", tuple)
    assert not choose_model(tiny_model, "auto").by_tensorrt


@pytest.mark.parametrize("what", ["build_error", "engine_error"])
def test_after_a_failure_the_model_is_chosen_again_for_the_cpu(gpus, what):
    setattr(gpus, what, ModelError("differs by 9 ab units"))
    notes = []
    opened = choose_model().open(threads=2, on_note=notes.append)
    # An engine that cannot be loaded is not built again at the next start.
    assert gpus.refused == ([(gpus.path, 0)] if what == "engine_error" else [])
    assert (opened.model.name, opened.model.device) == ("lite-int8", "cpu")
    assert gpus.opened[-1] == (opened.model.path, "cpu", 2)
    assert notes == ["going on without TensorRT, with lite-int8 on cpu: differs by 9 ab units"]


def test_a_model_that_was_named_stays_that_model(gpus, tiny_model):
    gpus.build_error = ModelError("not this graph")
    opened = choose_model(tiny_model).open(on_note=lambda _: None)
    assert (opened.model.path, opened.model.device) == (tiny_model, "cpu")


@pytest.mark.parametrize("error", [BackendError("too old"), ModelError("not this graph")])
def test_a_gpu_that_was_named_is_used_or_refused(gpus, tiny_model, monkeypatch, error):
    gpus.build_error = error
    notes = []
    with pytest.raises(type(error), match=str(error)):
        choose_model(tiny_model, "cuda").open(on_note=notes.append)
    monkeypatch.setattr(module, "serves_gpus", lambda: True)
    opened = choose_model(tiny_model, "cuda").open(on_note=notes.append)
    assert (opened.model.by_tensorrt, gpus.opened[-1][:2]) == (False, (tiny_model, "cuda"))
    assert notes == [f"going on without TensorRT, with tiny on cuda: {error}"]
    gpus.onnx_error = BackendError("out of memory")
    with pytest.raises(BackendError, match="out of memory"):
        choose_model(tiny_model, "cuda").open(on_note=notes.append)


def test_onnx_runtime_that_cannot_use_the_gpu_gives_way_to_the_cpu(gpus, monkeypatch):
    monkeypatch.setattr(module, "serves_gpus", lambda: True)
    gpus.build_error, gpus.onnx_error = BackendError("too old"), BackendError("no cuDNN")
    notes = []
    opened = choose_model().open(on_note=notes.append)
    assert (opened.model.name, opened.model.device) == ("lite-int8", "cpu")
    assert notes == [
        "going on without TensorRT, with lite on cuda: too old",
        "going on without a GPU, with lite-int8 on cpu: no cuDNN",
    ]


def test_a_build_is_shown_or_noted_once(gpus, tiny_model):
    gpus.steps = [BuildStep(phase="Tuning", share=0.25), BuildStep(phase="Tuning", share=1.0)]
    shown, notes = [], []
    choose_model(tiny_model).open(on_note=notes.append, on_progress=shown.append)
    assert (shown, notes) == (gpus.steps, [])
    choose_model(tiny_model).open(on_note=notes.append)
    assert notes == ["building an engine of tiny for this GPU, once; it is kept for next time"]


def test_notes_go_to_the_log_by_default(gpus, tiny_model, caplog):
    gpus.build_error = BackendError("too old")
    choose_model(tiny_model).open()
    assert "going on without TensorRT" in caplog.text


def test_a_file_that_is_no_model_is_not_tried_again(monkeypatch, tmp_path):
    (tmp_path / "text.onnx").write_text("no model")
    monkeypatch.setattr(module, "serves_gpus", lambda: True)
    cpu_only = Accelerator(provider="CPUExecutionProvider", install="")
    monkeypatch.setitem(execution_providers.ACCELERATORS, "cuda", cpu_only)
    monkeypatch.setattr(execution_providers, "_preload_cuda", lambda: None)
    notes = []
    with pytest.raises(ModelError, match="not a usable ONNX model"):
        choose_model(tmp_path / "text.onnx", engines=False).open(on_note=notes.append)
    assert notes == []


def test_an_open_model_runs_until_it_is_closed(tiny_model):
    l_batch = np.zeros((1, 1, 32, 32), np.float32)
    with choose_model(tiny_model, "cpu").open() as opened:
        assert opened.backend.infer(l_batch).shape == (1, 2, 16, 16)
    with pytest.raises(BackendError, match="closed"):
        opened.backend.infer(l_batch)


def test_wrong_names(tmp_path: Path):
    with pytest.raises(UsageError, match="expected one of auto"):
        choose_model(device="tpu")
    with pytest.raises(UsageError, match="expected auto or lite"):
        choose_model("large")
    with pytest.raises(UsageError, match="no such model file"):
        choose_model(tmp_path / "none.onnx")
