from __future__ import annotations

import dataclasses

import numpy as np
import onnx
import onnxruntime
import pytest

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
        with pytest.raises(MissingDependencyError, match=r"\[tensorrt\]', or pip install onnx"):
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
        return session

    return with_cuda


def test_the_gpu_that_was_asked_for(tiny_model, with_cuda):
    session = with_cuda(works=True)
    backend = open_backend(tiny_model, device="cuda:1")
    assert session.opened == [[("CUDAExecutionProvider", {"device_id": 1})]]
    assert (backend.device, backend.callers, backend.preferred_batch_size) == ("cuda:1", 1, 32)
    assert open_backend(tiny_model).device == "cuda:0"
    several = open_backend(tiny_model, device="cuda:0,1")
    assert (several.device, several.callers) == ("cuda:0,1", 2)
    assert several.infer(np.full((1, 1, 32, 32), 60, np.float32)).shape == (1, 2, 16, 16)


def test_a_gpu_that_onnx_runtime_cannot_use(tiny_model, with_cuda):
    with_cuda(works=False)
    with pytest.raises(BackendError, match="--device cuda:0: ONNX Runtime cannot use that GPU"):
        open_backend(tiny_model, device="cuda")


def test_a_fixed_working_size_travels(tmp_path):
    fixed = dataclasses.replace(TINY_CONTRACT, working_area=0, working_height=32, working_width=64)
    backend = open_backend(write_tiny_model(tmp_path / "fixed.onnx", fixed))
    assert (backend.contract.working_height, backend.contract.working_width) == (32, 64)
