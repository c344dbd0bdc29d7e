import numpy as np
import pytest

from colorize_batch.errors import ModelError
from colorize_batch.export import compare_paths as module
from colorize_batch.export.compare_paths import compare_paths
from colorize_batch.export.graph.read_model import read_model
from colorize_batch.export.parity.color_difference import ParityBounds
from colorize_batch.export.parity.onnx_on_cpu import ab_on_cpu
from colorize_batch.export.parity.parity_pictures import parity_pictures

BOUNDS = ParityBounds()


@pytest.fixture(scope="module")
def model(tiny_model):
    proto, contract, _ = read_model(tiny_model)
    return proto, parity_pictures(contract)[:2]


def test_beside_onnx_runtime(model):
    rounded, on_runtime = compare_paths(*model, BOUNDS)
    assert rounded.name == "FP16 as it rounds, 2 of 2 layers"
    assert on_runtime.name == "FP16, ONNX Runtime"
    for path in (rounded, on_runtime):
        assert 0 < path.difference.max_ab < 0.1


def test_beside_pytorch_and_with_an_engine(model, tmp_path, monkeypatch):
    proto, pictures = model
    onnx_bytes = proto.SerializeToString()

    def network(l_batch):
        return ab_on_cpu(onnx_bytes, [l_batch])[0] + np.float32(0.25)

    def ab_of_engine(path, l_batches, gpu):
        assert (path, gpu) == (tmp_path / "a.engine", 1)
        return [network(l_batch) - np.float32(0.5) for l_batch in l_batches]

    monkeypatch.setattr(module, "ab_of_engine", ab_of_engine)
    paths = compare_paths(
        proto,
        pictures,
        BOUNDS,
        torch_network=network,
        engine_path=tmp_path / "a.engine",
        gpu=1,
    )
    assert [path.name for path in paths] == [
        "ONNX Runtime, float32",
        "FP16 as it rounds, 2 of 2 layers",
        "FP16, ONNX Runtime",
        "TensorRT, cuda:1",
    ]
    means = [path.difference.mean_ab for path in paths]
    assert means == pytest.approx([0.25, 0.25, 0.25, 0.5], abs=0.01)


def test_an_engine_without_what_runs_it(model, tmp_path):
    (tmp_path / "a.engine").write_bytes(b"none")
    with pytest.raises(ModelError, match="expected an engine of colorize-batch"):
        compare_paths(*model, BOUNDS, engine_path=tmp_path / "a.engine")
