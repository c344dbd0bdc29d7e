"""Reading published weights: wrappers, strictness, and that no code of a file is run."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path

import pytest
import torch

from colorize_batch.errors import ModelError
from colorize_batch.training.public import public_weights
from colorize_batch.training.public.public_weights import read_public_weights

from .goldens import entries


def hollow(name, dtype=torch.float32):
    """Tensors of the published shapes that take a few bytes each in a file."""
    whole, values = torch.zeros((), dtype=torch.int64), torch.full((), 0.5, dtype=dtype)
    return {
        key: (whole if kind == "int64" else values).expand(shape)
        for key, shape, kind in entries(name)
    }


def read(tmp_path, content, file="weights.pth"):
    torch.save(content, tmp_path / file)
    return read_public_weights(tmp_path / file)


@pytest.mark.parametrize(
    ("name", "wrap"),
    [
        ("eccv16", lambda state: state),
        ("ddcolor-tiny", lambda state: {"params": state}),
        ("ddcolor-tiny", lambda state: {"params_ema": state, "params": {}}),
        ("deoldify-wide", lambda state: {"model": state, "opt": {"lr": 1.0}}),
        ("siggraph17", lambda state: {"state_dict": state, "epoch": 3}),
        ("siggraph17", lambda state: {f"module.{key}": each for key, each in state.items()}),
        (
            "tutorial-unet",
            lambda state: (
                {f"net_G.{key}": each for key, each in state.items()}
                | {
                    "net_D.model.0.weight": torch.zeros(2),
                    "GANcriterion.real_label": torch.ones(()),
                }
            ),
        ),
        (
            "tutorial-resnet18",
            lambda state: {
                "state_dict": {f"module.net_G.{key}": each for key, each in state.items()}
            },
        ),
    ],
)
def test_wrappers_are_taken_off(tmp_path, name, wrap):
    weights = read(tmp_path, wrap(hollow(name)))
    assert weights.family.name == name
    assert list(weights.tensors) == [key for key, _, _ in entries(name)]
    assert weights.published is None
    assert weights.sha256 == hashlib.sha256((tmp_path / "weights.pth").read_bytes()).hexdigest()


def test_half_precision_is_widened(tmp_path):
    weights = read(tmp_path, hollow("eccv16", torch.bfloat16))
    kinds = {each.dtype for each in weights.tensors.values() if each.is_floating_point()}
    assert kinds == {torch.float32}


def test_safetensors(tmp_path):
    header, data = {"__metadata__": {"format": "pt"}}, bytearray()
    for key, shape, kind in entries("eccv16"):
        size = (8 if kind == "int64" else 2) * int(torch.Size(shape).numel())
        header[key] = {
            "dtype": "I64" if kind == "int64" else "F16",
            "shape": list(shape),
            "data_offsets": [len(data), len(data) + size],
        }
        data += bytes(size)
    text = json.dumps(header).encode()
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    assert read_public_weights(path).family.name == "eccv16"


def test_missing_extra_and_misshapen_keys_are_named(tmp_path):
    state = hollow("eccv16")
    del state["model3.2.bias"]
    state["model9.weight"] = torch.zeros(1)
    state["model1.0.bias"] = torch.zeros(3)
    with pytest.raises(ModelError) as caught:
        read(tmp_path, state)
    assert str(caught.value) == (
        f"{tmp_path / 'weights.pth'}: expected the 82 keys of eccv16; 1 missing: model3.2.bias; "
        "1 not its own: model9.weight; 1 of other shape: model1.0.bias (3 in place of 64)"
    )


def test_a_slice_is_data(tmp_path):
    content = {"model": hollow("deoldify-artistic"), "opt": slice(0, 3)}
    assert read(tmp_path, content).family.name == "deoldify-artistic"


class Spy:
    """Would leave a file behind if it were unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.mark.parametrize(
    ("extra", "name"),
    [
        (functools.partial(int), "functools.partial"),
        (Spy(Path("/nowhere")), "getattr"),
    ],
)
def test_a_pickle_that_would_run_code_is_refused_by_name(tmp_path, extra, name):
    if isinstance(extra, Spy):
        extra.path = tmp_path / "ran"
    with pytest.raises(ModelError, match=rf"asks for {name}, and reading that would run code"):
        read(tmp_path, {"model": hollow("eccv16"), "opt": extra})
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"not weights", b"PK\x03\x04 broken"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(ModelError, match="expected weights of PyTorch"):
        read_public_weights(tmp_path / "a.pth")


def test_a_missing_file(tmp_path):
    with pytest.raises(ModelError, match="cannot read it: No such file"):
        read_public_weights(tmp_path / "a.pth")


def test_a_whole_module_is_no_dict_of_tensors(tmp_path):
    with pytest.raises(ModelError, match=r"expected a dict of tensors, found list"):
        read(tmp_path, [torch.zeros(1)])


def test_a_published_name_with_another_digest_is_refused(tmp_path):
    with pytest.raises(ModelError, match="expected sha256 9b330a0b.* fetch it again, or rename"):
        read(tmp_path, hollow("eccv16"), "colorization_release_v2-9b330a0b.pth")


def test_a_known_digest_tells_the_file(tmp_path, monkeypatch):
    file = public_weights.PUBLISHED_FILES[0]
    monkeypatch.setattr(public_weights, "_sha256", lambda _: file.sha256)
    assert read(tmp_path, hollow("eccv16")).published == file
