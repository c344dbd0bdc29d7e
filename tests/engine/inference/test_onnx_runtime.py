from __future__ import annotations

import dataclasses
from contextlib import closing
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pytest

from colorize_batch.engine.inference import execution_providers, onnx_runtime
from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.errors import (
    BackendError,
    ContractError,
    MissingDependencyError,
    ModelError,
    UsageError,
)
from tests.conftest import TINY_CONTRACT, write_tiny_model


def test_the_rule_of_the_tiny_model(tiny_model):
    backend = open_backend(tiny_model, device="cpu", threads=1)
    assert backend.contract == TINY_CONTRACT
    assert backend.device == "cpu"
    l_batch = np.full((3, 1, 32, 48), 60, np.float32)
    ab_batch = backend.infer(l_batch)
    assert ab_batch.shape == (3, 2, 16, 24)
    assert ab_batch.dtype == np.float32
    np.testing.assert_allclose(ab_batch[:, 0], 20, atol=1e-4)
    np.testing.assert_allclose(ab_batch[:, 1], 4, atol=1e-4)
    backend.close()
    backend.close()
    with pytest.raises(BackendError, match="closed"):
        backend.infer(l_batch)


def test_a_large_model_looks_at_one_picture_at_a_time(tiny_model, monkeypatch):
    monkeypatch.setattr(onnx_runtime, "available_cores", lambda: 4)
    with closing(open_backend(tiny_model, device="cpu")) as backend:
        assert backend.callers == 4
    monkeypatch.setattr(onnx_runtime, "LARGE_BYTES", 1)
    with closing(open_backend(tiny_model, device="cpu")) as backend:
        assert backend.callers == 1
    with closing(open_backend(tiny_model, device="cpu", threads=2)) as backend:
        assert backend.callers == 2


def test_a_batch_that_the_graph_does_not_take(tiny_model):
    backend = open_backend(tiny_model, device="cpu")
    with pytest.raises(BackendError, match="ONNX Runtime failed"):
        backend.infer(np.zeros((1, 3, 32, 32), np.float32))


def test_files_that_are_no_model(tmp_path):
    (tmp_path / "text.onnx").write_text("not a model")
    with pytest.raises(ModelError, match="not a usable ONNX model"):
        open_backend(tmp_path / "text.onnx")
    with pytest.raises(ModelError, match="no such model file"):
        open_backend(tmp_path / "missing.onnx")


def test_files_against_the_contract(tmp_path, tiny_model):
    model = onnx.load(tiny_model)
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "foreign.onnx")
    with pytest.raises(ContractError, match="colorize-export onnx"):
        open_backend(tmp_path / "foreign.onnx")
    model = onnx.load(tiny_model)
    model.graph.output[0].name = model.graph.node[1].output[0] = "colour"
    onnx.save(model, tmp_path / "renamed.onnx")
    with pytest.raises(ContractError, match="expected input l_plane and output ab_planes"):
        open_backend(tmp_path / "renamed.onnx")


def test_devices(tiny_model, monkeypatch):
    with pytest.raises(UsageError, match="expected one of auto, cpu, cuda"):
        open_backend(tiny_model, device="tpu")
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    assert open_backend(tiny_model, device="auto").device == "cpu"
    for device in ("cuda", "cuda:0,1"):
        with pytest.raises(
            MissingDependencyError, match=r"pip install 'onnxruntime-gpu\[cuda,cudnn\]' in place"
        ):
            open_backend(tiny_model, device=device)


class FakeSession:
    """ONNX Runtime as it would be with CUDA: it says which providers it was opened with."""

    def __init__(self, real, works):
        self.real, self.works, self.opened = real, works, []

    def __call__(self, path, *, sess_options, providers):
        self.opened.append(providers)
        session = self.real(path, sess_options=sess_options, providers=["CPUExecutionProvider"])
        if providers != ["CPUExecutionProvider"] and self.works:
            session.get_providers = lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"]
        return session


@pytest.fixture
def with_cuda(monkeypatch):
    def with_cuda(works):
        session = FakeSession(onnxruntime.InferenceSession, works)
        monkeypatch.setattr(onnxruntime, "InferenceSession", session)
        monkeypatch.setattr(
            onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"]
        )
        monkeypatch.setattr(execution_providers, "gpu_count", lambda: 2)
        monkeypatch.setattr(execution_providers, "_preload_cuda", lambda: None)
        return session

    return with_cuda


def test_the_gpu_that_was_asked_for(tiny_model, with_cuda):
    session = with_cuda(works=True)
    backend = open_backend(tiny_model, device="cuda:1")
    options = {"device_id": "1", "cudnn_conv_algo_search": "HEURISTIC"}
    assert session.opened == [[("CUDAExecutionProvider", options)]]
    assert (backend.device, backend.callers, backend.preferred_batch_size) == ("cuda:1", 1, 32)
    assert open_backend(tiny_model).device == "cuda:0"
    several = open_backend(tiny_model, device="cuda:0,1")
    assert (several.device, several.callers) == ("cuda:0,1", 2)
    assert several.infer(np.full((1, 1, 32, 32), 60, np.float32)).shape == (1, 2, 16, 16)


def test_a_gpu_that_onnx_runtime_cannot_use(tiny_model, with_cuda):
    with_cuda(works=False)
    with pytest.raises(BackendError, match="--device cuda:0: ONNX Runtime cannot use it"):
        open_backend(tiny_model, device="cuda")


def test_a_fixed_working_size_travels(tmp_path):
    fixed = dataclasses.replace(TINY_CONTRACT, working_area=0, working_height=32, working_width=64)
    backend = open_backend(write_tiny_model(tmp_path / "fixed.onnx", fixed))
    assert (backend.contract.working_height, backend.contract.working_width) == (32, 64)


def test_batches_of_few_sizes_reach_a_gpu(tiny_model, with_cuda, monkeypatch):
    with_cuda(works=True)
    backend = open_backend(tiny_model, device="cuda")
    sizes, run = [], backend._session.run

    def counted(names, feeds, options):
        sizes.append(len(feeds["l_plane"]))
        return run(names, feeds, options)

    monkeypatch.setattr(backend, "_session", SimpleNamespace(run=counted, get_providers=list))
    l_batch = np.random.default_rng(0).uniform(0, 100, (5, 1, 32, 32)).astype(np.float32)
    ab_batch = backend.infer(l_batch)
    assert sizes == [8]
    np.testing.assert_allclose(ab_batch, open_backend(tiny_model, device="cpu").infer(l_batch))


@pytest.mark.parametrize("device", ["rtx", "openvino", "directml", "coreml", "webgpu"])
def test_providers_that_are_not_installed_are_named(tiny_model, monkeypatch, device):
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    monkeypatch.setattr(execution_providers, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=f"--device {device}: .* pip install onnxrun"):
        open_backend(tiny_model, device=device)


@pytest.fixture
def plugin(monkeypatch):
    """The module of a plugin, and what ONNX Runtime has of it."""
    found = SimpleNamespace(registered=[], devices=[])
    module = SimpleNamespace(get_ep_name=lambda: "WebGpu", get_library_path=lambda: "lib.so")
    monkeypatch.setattr(execution_providers, "find_spec", lambda name: object())
    monkeypatch.setattr(execution_providers, "import_module", lambda name: module)
    monkeypatch.setattr(
        onnxruntime,
        "register_execution_provider_library",
        lambda *what: found.registered.append(what),
    )
    monkeypatch.setattr(onnxruntime, "get_ep_devices", lambda: found.devices)
    execution_providers._register.cache_clear()
    yield found
    execution_providers._register.cache_clear()


def test_a_plugin_without_a_device_says_so(tiny_model, plugin):
    for _ in range(2):
        with pytest.raises(BackendError, match="--device webgpu: WebGpu finds no device"):
            open_backend(tiny_model, device="webgpu")
    assert plugin.registered == [("WebGpu", "lib.so")]


def test_a_plugin_gets_its_devices(plugin):
    plugin.devices += [SimpleNamespace(ep_name="CPU"), SimpleNamespace(ep_name="WebGpu")]
    given = []
    options = SimpleNamespace(add_provider_for_devices=lambda *what: given.append(what))
    assert execution_providers.add_provider(options, "webgpu", 0) == []
    assert given == [([plugin.devices[1]], {})]


def test_a_machine_without_a_driver_has_no_gpu(monkeypatch):
    execution_providers.gpu_count.cache_clear()

    def missing(name):
        raise OSError(name)

    monkeypatch.setattr(execution_providers.ctypes, "CDLL", missing)
    assert execution_providers.gpu_count() == 0
    execution_providers.gpu_count.cache_clear()
