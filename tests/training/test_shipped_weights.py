from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from PIL import Image

from colorize_batch.engine.inference.contract import INPUT_NAME
from colorize_batch.engine.inference.model_files import model_file
from colorize_batch.errors import ModelError, UsageError
from colorize_batch.export.graph.chroma_curve import pop_chroma_curve
from colorize_batch.export.graph.guided_smoothing import pop_guided_smoothing
from colorize_batch.training.checkpoint import load_checkpoint
from colorize_batch.training.shipped_weights import safetensors_of, weights_file, write_weights

SIDE = 288


@pytest.fixture(scope="module")
def shipped():
    return load_checkpoint(weights_file("lite"))


def gray_photos():
    """(N, 1, SIDE, SIDE) L* of the example photographs."""
    paths = sorted((Path(__file__).parents[2] / "examples" / "photos").rglob("*.jpg"))[:4]
    gray = [np.asarray(Image.open(path).convert("L").resize((SIDE, SIDE))) for path in paths]
    return (np.stack(gray) / 255 * 100).astype(np.float32)[:, np.newaxis]


def before_the_curve(l_batch):
    """What the shipped ONNX file predicts before its guided filter and its curve of chroma."""
    model = onnx.load(model_file("lite"))
    pop_chroma_curve(model)
    pop_guided_smoothing(model)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {INPUT_NAME: l_batch})[0]


def test_the_shipped_weights_are_those_of_the_shipped_model(shipped):
    """After a new lite.onnx: colorize-train weights CKPT models/lite.safetensors."""
    l_batch = gray_photos()
    expected = before_the_curve(l_batch)
    with torch.inference_mode():
        got = shipped.network(torch.from_numpy(l_batch)).numpy()
    assert np.abs(expected).max() > 5
    apart = np.abs(got - expected)
    assert apart.mean() < 0.05
    assert apart.max() < 1


def test_a_file_read_back_is_the_same_network(shipped, tmp_path):
    path = tmp_path / "again.safetensors"
    path.write_bytes(safetensors_of(shipped))
    again = load_checkpoint(path)
    assert again.recipe == shipped.recipe
    own = shipped.network.state_dict()
    assert all(torch.equal(own[name], value) for name, value in again.network.state_dict().items())
    write_weights(path, tmp_path / "copy.safetensors")
    assert (tmp_path / "copy.safetensors").read_bytes() == path.read_bytes()


def test_names_and_paths(tmp_path):
    assert weights_file("runs/best.ckpt").name == "best.ckpt"
    with pytest.raises(UsageError, match="expected lite, or the path"):
        weights_file("litte")
    damaged = tmp_path / "x.safetensors"
    damaged.write_bytes(weights_file("lite").read_bytes()[:5000])
    with pytest.raises(ModelError, match="not a checkpoint"):
        load_checkpoint(damaged)
    foreign = tmp_path / "foreign.safetensors"
    foreign.write_bytes((2).to_bytes(8, "little") + b"{}")
    with pytest.raises(ModelError, match="not a checkpoint"):
        load_checkpoint(foreign)
