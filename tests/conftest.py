"""Fixtures that more than one folder uses: a tiny model under the contract, and pictures."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from colorize_batch.engine.inference.contract import INPUT_NAME, OUTPUT_NAME, ModelContract

# Test processes run side by side; threads of one would wait for those of another.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# A shell that starts the tests in the background has them ignore Ctrl-C, and what they start too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Training and export need torch, which has no CPU build for every Python; all else is tested without.
HAS_TORCH = find_spec("torch") is not None
NEED_TORCH = [
    *("training", "export", "benchmarks/checkpoints"),
    *("cli/test_train.py", "cli/test_export.py", "cli/test_fetch_model.py"),
]
collect_ignore = [] if HAS_TORCH else NEED_TORCH

TINY_CONTRACT = ModelContract(
    name="tiny",
    license="Apache-2.0",
    training_data="none: a fixed rule",
    weights_sha256="0" * 64,
    working_multiple=16,
    working_min=16,
    working_max=256,
    working_area=64 * 64,
)


def pytest_report_header() -> str | None:
    """Say what is left out; COLORIZE_REQUIRE_TORCH=1 makes that an error."""
    if HAS_TORCH:
        return None
    if os.environ.get("COLORIZE_REQUIRE_TORCH") == "1":
        raise pytest.UsageError("COLORIZE_REQUIRE_TORCH=1, but torch is not installed")
    return f"torch is not installed: left out {', '.join(NEED_TORCH)}"


def write_tiny_model(path: Path, contract: ModelContract = TINY_CONTRACT) -> Path:
    """A graph of one rule: a* = 20, b* = 0.4 L* - 20, at half the working size."""
    graph = helper.make_graph(
        [
            helper.make_node(
                "AveragePool", [INPUT_NAME], ["half"], kernel_shape=[2, 2], strides=[2, 2]
            ),
            helper.make_node("Conv", ["half", "weight", "bias"], [OUTPUT_NAME]),
        ],
        "tiny",
        [helper.make_tensor_value_info(INPUT_NAME, TensorProto.FLOAT, ["n", 1, "h", "w"])],
        [helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, ["n", 2, "h2", "w2"])],
        [
            helper.make_tensor("weight", TensorProto.FLOAT, [2, 1, 1, 1], [0.0, 0.4]),
            helper.make_tensor("bias", TensorProto.FLOAT, [2], [20.0, -20.0]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    helper.set_model_props(model, contract.to_metadata())
    onnx.save(model, path)
    return path


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of `write_tiny_model`'s file."""
    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny.onnx")


@pytest.fixture(scope="session")
def gray_u8() -> NDArray[np.uint8]:
    """(40, 60) gray: a diagonal ramp with a bright square."""
    rows, columns = np.mgrid[0:40, 0:60]
    gray = (rows * 2 + columns * 2).astype(np.uint8)
    gray[8:16, 30:40] = 230
    return gray


@pytest.fixture
def write_pictures(gray_u8: NDArray[np.uint8]) -> Callable[..., list[Path]]:
    """Writes `count` small gray JPEG files into a folder."""
    from colorize_batch.engine.pictures.formats import FORMATS
    from colorize_batch.engine.pictures.pixel_picture import PixelPicture

    def write(folder: Path, count: int, suffix: str = ".jpg") -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for index in range(count):
            picture = PixelPicture(pixels=np.roll(gray_u8, 3 * index, axis=1).copy())
            name = {".jpg": "jpg", ".png": "png"}[suffix]
            path = folder / f"picture-{index:03}{suffix}"
            path.write_bytes(picture.encoded(FORMATS[name], 0))
            paths.append(path)
        return paths

    return write
