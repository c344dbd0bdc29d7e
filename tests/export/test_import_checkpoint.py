"""A file of public weights becomes a model under the contract that gives the original's colours."""

from __future__ import annotations

import hashlib

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from colorize_batch.engine.inference.contract import (
    HINT_AB_NAME,
    HINT_MASK_NAME,
    INPUT_NAME,
    ModelContract,
)
from colorize_batch.engine.inference.working_shape import allowed_shapes
from colorize_batch.errors import UsageError
from colorize_batch.export.graph.read_model import read_model
from colorize_batch.export.import_checkpoint import ImportOptions, import_checkpoint
from colorize_batch.export.traced_graph import traced_graph
from colorize_batch.training.public.families import PUBLIC_FAMILIES
from colorize_batch.training.public.normed_conv import fold_weights
from colorize_batch.training.public.public_weights import PublicWeights
from tests.training.public.goldens import ALL, NAMES, Golden, weights
from tests.training.public.test_public_weights import hollow

everything = pytest.mark.skipif(not ALL, reason="runs under COLORIZE_ALL_GOLDENS=1")
# Largest difference that passes, in the unit of the network's output: 1e-3 ab, or 5e-4 of white.
BOUNDS = {"deoldify": 5e-4 / 0.229, "tutorial": 1e-3 / 110}


def session_of(onnx_bytes):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(onnx_bytes, options, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def eccv16(tmp_path_factory):
    folder = tmp_path_factory.mktemp("eccv16")
    torch.save(dict(weights("eccv16")), folder / "mine.pth")
    report = import_checkpoint(folder / "mine.pth", folder / "mine.onnx", ImportOptions())
    return folder, report


def test_onnx_gives_the_goldens_at_both_sizes(eccv16):
    folder, report = eccv16
    golden, session = Golden("eccv16"), session_of((folder / "mine.onnx").read_bytes())
    for case in ("a", "b"):
        (ab,) = session.run(None, {INPUT_NAME: golden.inputs(case)["x"]})
        assert max(each.max() for each in golden.output_errors(case, ab).values()) <= 1e-3
    assert report.error_ab < 1e-3
    assert report.published == ""


def test_the_contract_says_where_it_is_from(eccv16):
    folder, _ = eccv16
    model = onnx.load(folder / "mine.onnx")
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    contract = ModelContract.from_metadata(metadata, "mine.onnx")
    assert contract == ModelContract(
        name="eccv16",
        license="BSD-2-Clause if these are the published weights",
        training_data="ImageNet",
        weights_sha256=hashlib.sha256((folder / "mine.pth").read_bytes()).hexdigest(),
        working_multiple=8,
        working_min=64,
        working_max=1024,
        working_area=256**2,
    )
    assert "Colorful Image Colorization" in metadata["colorize_batch.credit"]
    assert str(folder).encode() not in (folder / "mine.onnx").read_bytes()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("deoldify-wide", {}, "say which it is: --variant stable or --variant video"),
        ("eccv16", {"variant": "video"}, "holds eccv16, which has none"),
        ("eccv16", {"size": 4}, "--size 4: eccv16 takes 8 and more"),
        ("eccv16", {"size": 100, "square": True}, "with --square, eccv16 takes multiples of 8"),
    ],
)
def test_refused_before_anything_is_computed(tmp_path, name, options, message):
    torch.save(hollow(name), tmp_path / "a.pth")
    with pytest.raises(UsageError, match=message):
        import_checkpoint(tmp_path / "a.pth", tmp_path / "a.onnx", ImportOptions(**options))
    assert not (tmp_path / "a.onnx").exists()


@pytest.mark.parametrize("options", [{"variant": "artistic"}, {"size": -1}, {"size": 5000}])
def test_options_check_themselves(options):
    with pytest.raises(UsageError, match="expected"):
        ImportOptions(**options)


@everything
@pytest.mark.parametrize("name", NAMES)
def test_onnx_of_every_network_gives_the_goldens(name):
    family = {each.name: each for each in PUBLIC_FAMILIES}[name]
    public = PublicWeights(family=family, sha256="", published=None, tensors=dict(weights(name)))
    golden = Golden(name)
    channels = {key: each.shape[1] for key, each in golden.inputs("b").items()}
    model = traced_graph(fold_weights(public.network()), multiple=family.multiple, inputs=channels)
    session = session_of(model.SerializeToString())
    bound = BOUNDS.get(name.partition("-")[0], 1e-3)
    for case in ("a", "b"):
        inputs = golden.inputs(case)
        rows, columns = inputs["x"].shape[2:]
        for key, count in channels.items():
            inputs.setdefault(key, np.zeros((1, count, rows, columns), np.float32))
        (y,) = session.run(None, inputs)
        assert max(each.max() for each in golden.output_errors(case, y).values()) <= bound


@everything
def test_hints_reach_the_network_and_can_be_left_out(tmp_path):
    torch.save(dict(weights("siggraph17")), tmp_path / "a.pth")
    report = import_checkpoint(tmp_path / "a.pth", tmp_path / "a.onnx", ImportOptions())
    assert report.contract.hints == 1
    golden = Golden("siggraph17")
    inputs = golden.inputs("b")
    feeds = {
        INPUT_NAME: inputs["x"],
        HINT_AB_NAME: inputs["ab"],
        HINT_MASK_NAME: inputs["mask"],
    }
    (ab,) = session_of((tmp_path / "a.onnx").read_bytes()).run(None, feeds)
    assert max(each.max() for each in golden.output_errors("b", ab).values()) <= 1e-3
    model, contract, _ = read_model(tmp_path / "a.onnx")
    assert contract.hints == 0
    (ab,) = session_of(model.SerializeToString()).run(None, {INPUT_NAME: golden.inputs("a")["x"]})
    assert max(each.max() for each in golden.output_errors("a", ab).values()) <= 1e-3


@everything
def test_a_square_is_the_only_size(tmp_path):
    torch.save(dict(weights("eccv16")), tmp_path / "a.pth")
    report = import_checkpoint(
        tmp_path / "a.pth", tmp_path / "a.onnx", ImportOptions(size=64, square=True)
    )
    assert (report.contract.working_height, report.contract.working_width) == (64, 64)
    (shape,) = allowed_shapes(report.contract)
    session = session_of((tmp_path / "a.onnx").read_bytes())
    assert session.get_inputs()[0].shape == ["batch", 1, *shape]
