"""What holds for every family: contract, size, licence, export and wrong options."""

import numpy as np
import onnxruntime
import pytest
import torch

from colorize_batch.engine.inference.contract import INPUT_NAME, ModelContract
from colorize_batch.errors import ModelError, UsageError
from colorize_batch.export.traced_graph import traced_graph
from colorize_batch.training.models import FAMILIES, build_model
from colorize_batch.training.models.bin_network import BinNetwork
from colorize_batch.training.models.fusion import FusionInception
from colorize_batch.training.models.network import ColorNetwork
from tests.training.short_classifiers import shorten_efficientnets, shorten_inception

# Options that make a family small enough for a test.
SMALL = {
    "pix2pix": {"depth": 5, "filters": 4},
    "cifar-gan": {"filters": 4},
    "zhang313": {"filters": 4},
    "mse-cnn": {"filters": 4},
    "fusion": {"classifier_side": 75},
    "fusion-lite0": {"classifier_side": 32},
}
OWN = ("lite", "base")
PUBLISHED = [family for family in FAMILIES if family not in OWN]


def conv(channels: int, out: int, kernel: int = 3, *, bias: bool = True) -> int:
    """The parameters of a convolution."""
    return channels * out * kernel**2 + out * bias


def convs(*channels: int) -> int:
    """The parameters of 3x3 convolutions, one after the other."""
    return sum(map(conv, channels[:-1], channels[1:]))


def normed(channels: int, out: int) -> int:
    """The parameters of a 4x4 convolution without bias and its norm."""
    return conv(channels, out, 4, bias=False) + 2 * out


FUSION = (
    convs(1, 64, 128, 128, 256, 256, 512, 512, 256)
    + conv(1256, 256, 1)
    + convs(256, 128, 64, 64, 32, 2)
)
PARAMETERS = {
    "plain-cnn": convs(1, 8, 8, 16, 16, 32, 32, 32, 16, 2),
    "encoder-decoder": convs(1, 64, 64, 128, 128, 256, 256, 512, 256, 128, 64, 32, 2),
    "fusion": FUSION + 55_843_464,
    "fusion-lite0": FUSION + 4_652_008 - 2 * 32 * 9,  # published for RGB; gray has one stem channel
    "pix2pix": conv(1, 64, 4)
    + sum(map(normed, (64, 128, 256, 512, 512, 512), (128, 256, 512, 512, 512, 512)))
    + conv(512, 512, 4)
    + sum(map(normed, (512, 1024, 1024, 1024, 1024, 512, 256), (512, 512, 512, 512, 256, 128, 64)))
    + conv(128, 2, 4),
    "mse-cnn": convs(1, 32, 64, 128, 64, 32, 2),
    "cifar-gan": sum(map(normed, (1, 64, 128, 256, 512), (64, 128, 256, 512, 512)))
    + sum(map(normed, (512, 1024, 512, 256), (512, 256, 128, 64)))
    + conv(128, 2, 1),
    "zhang313": convs(1, 64, 64, 128, 128, 256, 256, 256, *[512] * 12)
    + 2 * (64 + 128 + 256 + 4 * 512)
    + conv(512, 256, 4)
    + convs(256, 256, 256)
    + conv(256, 313, 1),
}


@pytest.fixture
def network(family: str, monkeypatch: pytest.MonkeyPatch) -> ColorNetwork:
    """A small network of the family, in evaluation mode; classifiers have a block of each kind."""
    torch.manual_seed(0)
    shorten_efficientnets(monkeypatch)
    network = build_model(family, options=SMALL.get(family, {})).eval()
    if isinstance(network, FusionInception):
        shorten_inception(network.classifier)
    return network


@pytest.mark.parametrize("family", PUBLISHED)
def test_parameters_as_in_the_layer_table(family: str) -> None:
    with torch.device("meta"):
        network = build_model(family)
    assert sum(parameter.numel() for parameter in network.parameters()) == PARAMETERS[family]


@pytest.mark.parametrize("family", PUBLISHED)
def test_states_what_export_must_know(family: str) -> None:
    with torch.device("meta"):
        network = build_model(family)
    assert network.credit
    ModelContract(
        name=family,
        license="CC0-1.0",
        training_data=network.credit,
        weights_sha256="0" * 64,
        working_multiple=network.working_multiple,
        working_area=network.working_area,
    )
    assert network.working_area % network.working_multiple**2 == 0
    assert bool(network.carried_license) == family.startswith("fusion")


@pytest.mark.parametrize("family", [*PUBLISHED, "base"])
def test_torch_and_onnx_runtime_agree_at_any_batch_and_size(
    family: str, network: ColorNetwork
) -> None:
    session = onnxruntime.InferenceSession(
        traced_graph(network, multiple=network.working_multiple).SerializeToString(),
        providers=["CPUExecutionProvider"],
    )
    multiple = network.working_multiple
    unit = max(multiple, 32 // multiple * multiple)
    rng = np.random.default_rng(0)
    for count, height, width in ((1, unit, unit), (3, 2 * unit, unit)):
        l_plane = rng.uniform(0, 100, (count, 1, height, width)).astype(np.float32)
        with torch.inference_mode():
            expected = network(torch.from_numpy(l_plane)).numpy()
        (found,) = session.run(None, {INPUT_NAME: l_plane})
        reduction = 4 if isinstance(network, BinNetwork) else 1
        assert found.shape == (count, 2, height // reduction, width // reduction)
        assert found.dtype == np.float32
        assert np.abs(found - expected).max() < 0.05
        assert np.abs(found).max() <= 128
        assert np.ptp(found) > 1e-3  # a constant would prove nothing


@pytest.mark.parametrize(
    ("family", "options", "message"),
    [
        ("plain-cnn", {"filters": 3}, "unknown option model.options.filters; known here: none"),
        ("lite", {"pretrained": True}, "unknown option model.options.pretrained"),
        ("mse-cnn", {"side": "64"}, "model.options.side must be of type int, got '64'"),
        ("mse-cnn", {"side": 48}, r"option side = 48: expected one of \(32, 64, 128\)"),
        ("mse-cnn", {"kernel": 4}, "option kernel = 4: expected an odd number"),
        ("mse-cnn", {"filters": 0}, "option filters = 0: expected a positive number"),
        ("mse-cnn", {"dropout": 1}, "option dropout = 1.0: expected 0 up to"),
        ("mse-cnn", {"stride": 3}, "option stride = 3: expected one of"),
        ("pix2pix", {"depth": 3}, "option depth = 3: expected 4 to 10"),
        ("pix2pix", {"dropout": -0.1}, "option dropout = -0.1"),
        ("pix2pix", {"filters": True}, "filters must be of type int, got True"),
        ("cifar-gan", {"filters": -1}, "option filters = -1"),
        ("lite", {"dropout": 1.0}, "option dropout = 1.0: expected 0 up to"),
        ("lite", {"frozen_blocks": 17}, "option frozen_blocks = 17: expected -1 to 16"),
        ("lite", {"output_stride": 3}, "option output_stride = 3: expected 2, 4, 8 or 16"),
        ("base", {"frozen_blocks": -2}, "option frozen_blocks = -2"),
        ("base", {"temperature": 1.5}, "option temperature = 1.5: expected above 0"),
        ("zhang313", {"temperature": 0.0}, "option temperature = 0.0: expected above 0"),
        ("fusion", {"classifier_side": 74}, "option classifier_side = 74: expected at least 75"),
        ("fusion-lite0", {"classifier_side": 50}, "expected a multiple of 32"),
    ],
)
def test_wrong_options(family: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build_model(family, options=options)


def test_unknown_family() -> None:
    with pytest.raises(ModelError, match="'vgg': expected one of lite, base, plain-cnn"):
        build_model("vgg")


def test_options_change_the_network() -> None:
    with torch.device("meta"):
        wide = build_model("mse-cnn", options={"filters": 8, "kernel": 5, "stride": 4, "side": 128})
    assert wide.get_parameter("layers.0.weight").shape == (8, 1, 5, 5)
    assert wide.working_multiple == 16
    assert wide.working_area == 128**2
