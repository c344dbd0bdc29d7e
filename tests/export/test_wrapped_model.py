from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.errors import ModelError, UsageError
from colorize_batch.export.wrapped_model import WrapOptions, wrap_file, wrap_network
from colorize_batch.kernels.reference import lab_from_srgb

L_RAMP = np.linspace(0, 100, 2 * 32 * 64, dtype=np.float32).reshape(2, 1, 32, 64)


def options(takes, gives, **more):
    words = {"name": "foreign", "license": "MIT", "training_data": "none"}
    return WrapOptions(**words, takes=takes, gives=gives, **more)


def write_conv(path, weight, *, opset=17, dims=("n", None, "h", "w"), half=False):
    """A network of one 1x1 convolution: weight (out, in)."""
    kind = np.float16 if half else np.float32
    kernel = numpy_helper.from_array(np.asarray(weight, kind)[:, :, None, None], "kernel")
    elem = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    batch, channels, height, width = dims
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "kernel"], ["y"])],
        "foreign",
        [
            helper.make_tensor_value_info(
                "x", elem, [batch, channels or kernel.dims[1], height, width]
            )
        ],
        [helper.make_tensor_value_info("y", elem, [batch, kernel.dims[0], height, width])],
        [kernel],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.save(model, path)
    return path


def colors(path, l_batch=L_RAMP):
    backend = open_backend(path, device="cpu")
    try:
        return backend.infer(l_batch)
    finally:
        backend.close()


def gray_of(l_batch):
    """By the float64 reference, from a table of every gray."""
    codes = np.linspace(0, 1, 20001)
    table = lab_from_srgb(np.repeat(codes[:, None], 3, axis=1)[None])[0, :, 0]
    return np.interp(l_batch, table, codes)


@pytest.mark.parametrize(
    ("takes", "black", "white"), [("gray", 0, 1), ("gray", -1, 1), ("l", 0, 100), ("l", -1, 1)]
)
def test_the_network_gets_what_it_takes(tmp_path, takes, black, white):
    source = write_conv(tmp_path / "x.onnx", [[1], [-1]])
    wrap_file(source, tmp_path / "out.onnx", options(takes, "ab", black=black, white=white))
    seen = colors(tmp_path / "out.onnx")
    share = L_RAMP / 100 if takes == "l" else gray_of(L_RAMP)
    expected = black + share * (white - black)
    assert np.abs(seen[:, :1] - expected).max() < 1e-3 * (white - black)
    assert np.array_equal(seen[:, 0], -seen[:, 1])


def test_mean_and_std_are_of_each_channel(tmp_path):
    source = write_conv(tmp_path / "x.onnx", [[1, 0, 0], [0, 0, 1]])
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    wrap_file(source, tmp_path / "out.onnx", options("rgb-gray", "ab", mean=mean, std=std))
    seen, gray = colors(tmp_path / "out.onnx"), gray_of(L_RAMP)[:, 0]
    assert np.abs(seen[:, 0] - (gray - mean[0]) / std[0]).max() < 5e-3
    assert np.abs(seen[:, 1] - (gray - mean[2]) / std[2]).max() < 5e-3


@pytest.mark.parametrize("opset", [11, 13, 17, 20])
def test_rgb_becomes_a_and_b(tmp_path, opset):
    """A network that gives -1..1, as one with tanh does."""
    tint = np.array([1.0, 0.8, 0.6])
    source = write_conv(tmp_path / "x.onnx", 2 * tint[:, None], opset=opset)
    # It sees 0..1 and gives 0..2: half of that is 0..1.
    wrap_file(source, tmp_path / "out.onnx", options("gray", "rgb", scale=0.5))
    gray = gray_of(L_RAMP)[:, 0]
    expected = lab_from_srgb(gray[..., None] * tint)[..., 1:]
    assert np.abs(colors(tmp_path / "out.onnx") - np.moveaxis(expected, 3, 1)).max() < 0.05


def test_lab_leaves_lightness_out(tmp_path):
    source = write_conv(tmp_path / "x.onnx", [[9], [0.5], [-0.25]])
    wrap_file(source, tmp_path / "out.onnx", options("gray", "lab", scale=100, offset=-1))
    seen, gray = colors(tmp_path / "out.onnx"), gray_of(L_RAMP)[:, 0]
    assert np.abs(seen[:, 0] - (50 * gray - 1)).max() < 0.05
    assert np.abs(seen[:, 1] - (-25 * gray - 1)).max() < 0.05


def test_half_precision_and_a_fixed_size(tmp_path):
    source = write_conv(tmp_path / "x.onnx", [[10], [20]], dims=("n", 1, 48, 80), half=True)
    contract = wrap_file(source, tmp_path / "out.onnx", options("gray", "ab"))
    assert (contract.working_height, contract.working_width) == (48, 80)
    seen = colors(tmp_path / "out.onnx", np.full((1, 1, 48, 80), 100, np.float32))
    assert np.abs(seen - np.array([10, 20]).reshape(1, 2, 1, 1)).max() < 0.05


class SmallNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 2, 3, padding=1)
        )

    def forward(self, l_plane):
        return torch.tanh(self.layers(l_plane))


@pytest.mark.parametrize("kind", ["network", "script", "export"])
def test_torch_networks_in_memory_and_as_files(tmp_path, kind):
    torch.manual_seed(0)
    network = SmallNet().eval()
    wanted = options("l", "ab", black=-1, white=1, scale=110, multiple=16)
    output = tmp_path / "out.onnx"
    example = torch.zeros(2, 1, 64, 96)
    if kind == "network":
        wrap_network(network, output, wanted)
    elif kind == "script":
        torch.jit.save(torch.jit.trace(network, example), tmp_path / "net.pt")
        wrap_file(tmp_path / "net.pt", output, wanted)
    else:
        rows, columns = (16 * torch.export.Dim(name, min=1, max=64) for name in ("rows", "columns"))
        batch = torch.export.Dim("batch", min=1, max=4096)
        program = torch.export.export(
            network, (example,), dynamic_shapes=({0: batch, 2: rows, 3: columns},)
        )
        torch.export.save(program, tmp_path / "net.pt2")
        wrap_file(tmp_path / "net.pt2", output, wanted)
    with torch.inference_mode():
        expected = network(torch.from_numpy(L_RAMP / 50 - 1)).numpy() * 110
    assert np.abs(colors(output) - expected).max() < 1e-2


@pytest.mark.parametrize(
    ("weight", "dims", "more", "error", "message"),
    [
        ([[1] * 3] * 2, ("n", 3, "h", "w"), {}, UsageError, r"gray means \(N, 1, H, W\)"),
        ([[1]], ("n", 1, "h", "w"), {}, UsageError, r"ab means \(N, 2, h, w\)"),
        ([[1], [1]], ("n", 1, "h", "w"), {"scale": 1000.0}, ModelError, "scale and offset"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_written(
    tmp_path, weight, dims, more, error, message
):
    source = write_conv(tmp_path / "x.onnx", weight, dims=dims)
    with pytest.raises(error, match=message):
        wrap_file(source, tmp_path / "out.onnx", options("gray", "ab", **more))
    assert not (tmp_path / "out.onnx").exists()


def test_files_of_other_kinds_are_refused(tmp_path):
    (tmp_path / "x.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match="not a readable ONNX model"):
        wrap_file(tmp_path / "x.onnx", tmp_path / "out.onnx", options("l", "ab"))
    torch.save({"weight": torch.zeros(3)}, tmp_path / "weights.pth")
    with pytest.raises(ModelError, match="a file of weights"):
        wrap_file(tmp_path / "weights.pth", tmp_path / "out.onnx", options("l", "ab"))
    with pytest.raises(UsageError, match=r"expected a \.onnx"):
        wrap_file(tmp_path / "x.h5", tmp_path / "out.onnx", options("l", "ab"))
    with pytest.raises(ModelError, match="cannot read it"):
        wrap_file(tmp_path / "none.onnx", tmp_path / "out.onnx", options("l", "ab"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"license": " "},
        {"takes": "rgb"},
        {"gives": "hsv"},
        {"white": 0.0},
        {"scale": 0.0},
        {"mean": (1.0, 2.0)},
        {"std": (0.0,)},
        {"multiple": 0},
    ],
)
def test_options_check_themselves(wrong):
    good = {"name": "x", "license": "MIT", "training_data": "n", "takes": "gray", "gives": "ab"}
    with pytest.raises(UsageError):
        WrapOptions(**{**good, **wrong})
