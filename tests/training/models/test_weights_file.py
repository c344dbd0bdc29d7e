import json
import sys
from pathlib import Path

import pytest
import torch

from colorize_batch.errors import MissingDependencyError, ModelError
from colorize_batch.training.models.weights_file import read_weights


def safetensors(header: dict[str, object], content: bytes) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content


def test_pytorch(tmp_path: Path) -> None:
    torch.save({"a": torch.arange(3.0), "epoch": 3}, tmp_path / "w.pth")
    weights = read_weights(tmp_path / "w.pth")
    assert weights.keys() == {"a"}
    assert weights["a"].tolist() == [0, 1, 2]


def test_safetensors(tmp_path: Path) -> None:
    single, half = torch.tensor([[1.5, -2.0]]), torch.tensor([0.25], dtype=torch.float16)
    header = {
        "__metadata__": {"format": "pt"},
        "half": {"dtype": "F16", "shape": [1], "data_offsets": [0, 2]},
        "single": {"dtype": "F32", "shape": [1, 2], "data_offsets": [2, 10]},
        "step": {"dtype": "I64", "shape": [], "data_offsets": [10, 18]},
    }
    content = half.numpy().tobytes() + single.numpy().tobytes() + (7).to_bytes(8, "little")
    (tmp_path / "w.safetensors").write_bytes(safetensors(header, content))

    weights = read_weights(tmp_path / "w.safetensors")

    assert torch.equal(weights["single"], single)
    assert torch.equal(weights["half"], half)
    assert weights["step"].item() == 7
    assert weights.keys() == {"half", "single", "step"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("w.pth", b"not weights"),
        ("w.pth", b""),
        ("w.safetensors", b"short"),
        ("w.safetensors", safetensors({"a": {"dtype": "F8", "data_offsets": [0, 1]}}, b"1")),
        (
            "w.safetensors",
            safetensors({"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}, b"1234"),
        ),
    ],
)
def test_damaged(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=r"cannot read weights \(.+\); fetch the file again"):
        read_weights(tmp_path / name)


def test_a_list_is_no_weights(tmp_path: Path) -> None:
    torch.save([torch.zeros(1)], tmp_path / "w.pth")
    with pytest.raises(ModelError, match="cannot read weights"):
        read_weights(tmp_path / "w.pth")


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such file of weights"):
        read_weights(tmp_path / "w.safetensors")


def test_keras_needs_h5py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingDependencyError, match="pip install h5py"):
        read_weights(tmp_path / "w.h5")
