import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from colorize_batch.engine.inference.contract import CONTRACT_VERSION, METADATA_PREFIX
from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.errors import ModelError, UnwritableError, UsageError
from colorize_batch.export import onnx_from_checkpoint as exporter
from colorize_batch.export.onnx_from_checkpoint import ExportOptions, onnx_from_checkpoint
from colorize_batch.export.parity.parity import MAX_ERROR_AB
from colorize_batch.training.checkpoint import load_checkpoint
from tests.training.tiny_family import TinyNetwork

OPTIONS = ExportOptions(
    name="tiny", license="CC0-1.0", training_data="discs", working_area=64 * 64, working_min=32
)
LEAST = ExportOptions(name="tiny", license="CC0-1.0", training_data="discs")


def test_runs_under_the_contract(checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "tiny.onnx"

    assert onnx_from_checkpoint(checkpoint, path, OPTIONS) < MAX_ERROR_AB

    backend = open_backend(path, device="cpu")
    contract = backend.contract
    assert (contract.name, contract.license, contract.training_data) == ("tiny", "CC0-1.0", "discs")
    assert contract.working_multiple == 4
    assert (contract.working_min, contract.working_max, contract.working_area) == (32, 256, 4096)
    assert contract.weights_sha256 == hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    network = load_checkpoint(checkpoint).network
    for count, height, width in [(1, 4, 4), (5, 20, 36), (2, 64, 32)]:
        l_batch = np.random.default_rng(0).uniform(0, 100, (count, 1, height, width))
        ab_batch = backend.infer(l_batch.astype(np.float32))
        with torch.inference_mode():
            expected = network(torch.from_numpy(l_batch).float()).numpy()
        np.testing.assert_allclose(ab_batch, expected, atol=1e-3)
    assert sorted(found.name for found in path.parent.iterdir()) == ["tiny.onnx"]


def test_same_bytes_again_and_no_trace_of_this_machine(checkpoint: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.onnx", tmp_path / "second.onnx"
    onnx_from_checkpoint(checkpoint, first, OPTIONS)
    onnx_from_checkpoint(checkpoint, second, OPTIONS)
    assert first.read_bytes() == second.read_bytes()

    model = onnx.load(first)
    assert {entry.key for entry in model.metadata_props} == {
        METADATA_PREFIX + name
        for name in (
            "contract",
            *("name", "license", "training_data", "weights_sha256", "working_multiple"),
            *("working_min", "working_max", "working_area", "working_height", "working_width"),
        )
    }
    contract = {entry.key: entry.value for entry in model.metadata_props}[
        METADATA_PREFIX + "contract"
    ]
    assert contract == CONTRACT_VERSION
    assert str(Path(exporter.__file__).parents[1]).encode() not in first.read_bytes()
    assert b".py" not in first.read_bytes()
    dimensions = [dim.dim_param for dim in model.graph.input[0].type.tensor_type.shape.dim]
    assert dimensions == ["batch", "", "height", "width"]


def test_refused_without_parity(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced_graph = exporter.traced_graph

    def wrong(network: torch.nn.Module, *, multiple: int) -> onnx.ModelProto:
        with torch.no_grad():
            network.get_parameter("layers.4.bias").add_(0.02)
            model = traced_graph(network, multiple=multiple)
            network.get_parameter("layers.4.bias").sub_(0.02)
        return model

    monkeypatch.setattr(exporter, "traced_graph", wrong)
    with pytest.raises(ModelError, match="differs from PyTorch by 0.2 ab units, expected at most"):
        onnx_from_checkpoint(checkpoint, tmp_path / "tiny.onnx", OPTIONS)
    assert not (tmp_path / "tiny.onnx").exists()


def test_unwritable(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableError):
        onnx_from_checkpoint(checkpoint, tmp_path / "file" / "tiny.onnx", OPTIONS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": " "}, "name is empty"),
        ({"license": ""}, "license is empty"),
        ({"training_data": ""}, "training_data is empty"),
    ],
)
def test_senseless_options(change: dict[str, object], message: str) -> None:
    whole = {"name": "a", "license": "b", "training_data": "c"}
    with pytest.raises(UsageError, match=message):
        ExportOptions(**(whole | change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"working_min": 0}, "working_min 0 must be positive"),
        ({"working_min": 2000}, "working_min 2000 must be positive and at most working_max 1024"),
        ({"working_area": 0}, "working_min 0 must be positive"),
        ({"working_area": 100, "working_min": 64}, "at most working_max 40"),
        ({"working_min": 300}, "working_area 65536 does not fit sides of 300 to 1024"),
        (
            {"working_min": 61, "working_max": 63, "working_area": 62**2},
            "no multiple of 4 between working_min 61 and working_max 63",
        ),
    ],
)
def test_sizes_that_do_not_fit(
    checkpoint: Path, tmp_path: Path, sizes: dict[str, int], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        onnx_from_checkpoint(
            checkpoint, tmp_path / "tiny.onnx", dataclasses.replace(LEAST, **sizes)
        )
    assert not (tmp_path / "tiny.onnx").exists()


def test_the_network_states_what_the_options_leave_out(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TinyNetwork, "working_area", 32 * 32)
    monkeypatch.setattr(TinyNetwork, "credit", "after A. Author (2017)")
    monkeypatch.setattr(TinyNetwork, "carried_license", "MIT (weights of a classifier)")
    onnx_from_checkpoint(checkpoint, tmp_path / "tiny.onnx", LEAST)

    contract = open_backend(tmp_path / "tiny.onnx", device="cpu").contract
    assert (contract.working_min, contract.working_max, contract.working_area) == (8, 128, 1024)
    assert contract.license == "CC0-1.0; MIT (weights of a classifier)"
    assert onnx.load(tmp_path / "tiny.onnx").doc_string == "after A. Author (2017)"
