from __future__ import annotations

import dataclasses

import numpy as np
import onnx
import pytest

from colorize_batch.engine.backends.backend import open_backend
from colorize_batch.errors import BackendError, ContractError, ModelError, UsageError
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
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    assert open_backend(tiny_model, device="auto").device == "cpu"
    with pytest.raises(BackendError, match="pip install onnxruntime-gpu"):
        open_backend(tiny_model, device="cuda")


def test_a_fixed_working_size_travels(tmp_path):
    fixed = dataclasses.replace(TINY_CONTRACT, working_area=0, working_height=32, working_width=64)
    backend = open_backend(write_tiny_model(tmp_path / "fixed.onnx", fixed))
    assert (backend.contract.working_height, backend.contract.working_width) == (32, 64)
