"""Layer table and public weights of Inception-ResNet-v2, on made-up weights."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from colorize_batch.errors import ModelError
from colorize_batch.training.models.inception_resnet_v2 import InceptionResNetV2
from colorize_batch.training.models.inception_weights import load_inception_weights, timm_name

# The convolutions of Keras's model in its order, with one block of each kind:
# (in, out, height, width of the kernel).
STEM = [(3, 32, 3, 3), (32, 32, 3, 3), (32, 64, 3, 3), (64, 80, 1, 1), (80, 192, 3, 3)]
MIXED_5B = [
    *((192, 96, 1, 1), (192, 48, 1, 1), (48, 64, 5, 5), (192, 64, 1, 1)),
    *((64, 96, 3, 3), (96, 96, 3, 3), (192, 64, 1, 1)),
]
BLOCK_35 = [
    *((320, 32, 1, 1), (320, 32, 1, 1), (32, 32, 3, 3)),
    *((320, 32, 1, 1), (32, 48, 3, 3), (48, 64, 3, 3)),
]
MIXED_6A = [(320, 384, 3, 3), (320, 256, 1, 1), (256, 256, 3, 3), (256, 384, 3, 3)]
BLOCK_17 = [(1088, 192, 1, 1), (1088, 128, 1, 1), (128, 160, 1, 7), (160, 192, 7, 1)]
MIXED_7A = [
    *((1088, 256, 1, 1), (256, 384, 3, 3), (1088, 256, 1, 1), (256, 288, 3, 3)),
    *((1088, 256, 1, 1), (256, 288, 3, 3), (288, 320, 3, 3)),
]
BLOCK_8 = [(2080, 192, 1, 1), (2080, 192, 1, 1), (192, 224, 1, 3), (224, 256, 3, 1)]
KERAS_CONVS = [*STEM, *MIXED_5B, *BLOCK_35, *MIXED_6A, *BLOCK_17, *MIXED_7A, *BLOCK_8]
PROJECTS = {
    "block35_1_conv": (128, 320),
    "block17_1_conv": (384, 1088),
    "block8_1_conv": (448, 2080),
}


def short_network() -> InceptionResNetV2:
    """With one block of each kind; its weights are not set."""
    with torch.device("meta"):
        network = InceptionResNetV2()
    for blocks in ("blocks_35", "blocks_17", "blocks_8"):
        setattr(network, blocks, getattr(network, blocks)[:1])
    return network.to_empty(device="cpu")


def timm_names() -> set[str]:
    """The names of timm's state dict."""
    triple, pair = ("0", "1", "2"), ("0", "1")
    residual_a = ["branch0", *(f"branch1.{i}" for i in pair), *(f"branch2.{i}" for i in triple)]
    residual_b = ["branch0", *(f"branch1.{i}" for i in triple)]
    convs = [f"conv2d_{name}" for name in ("1a", "2a", "2b", "3b", "4a", "7b")]
    convs += [f"mixed_5b.{branch}" for branch in (*residual_a, "branch3.1")]
    convs += [f"mixed_6a.{branch}" for branch in residual_b]
    convs += [f"mixed_7a.branch{i}.{j}" for i, j in ("00", "01", "10", "11", "20", "21", "22")]
    blocks = {f"repeat.{i}": residual_a for i in range(10)}
    blocks |= {f"repeat_1.{i}": residual_b for i in range(20)}
    blocks |= {f"repeat_2.{i}": residual_b for i in range(9)} | {"block8": residual_b}
    convs += [f"{block}.{branch}" for block, branches in blocks.items() for branch in branches]
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    return {
        *(f"{conv}.conv.weight" for conv in convs),
        *(f"{conv}.bn.{name}" for conv in convs for name in norm),
        *(f"{block}.conv2d.{name}" for block in blocks for name in ("weight", "bias")),
        *("classif.weight", "classif.bias"),
    }


def made_up(*shape: int) -> Tensor:
    return torch.rand(shape)


def keras_weights(first_number: int) -> dict[str, Tensor]:
    """Of the short network, with layer numbers that start at `first_number`."""
    weights = {}
    named = [
        (f"conv2d_{number}", f"batch_normalization_{number}", shape)
        for number, shape in enumerate(KERAS_CONVS, first_number)
    ]
    for conv, norm, (channels, out, height, width) in [
        *named,
        ("conv_7b", "conv_7b_bn", (2080, 1536, 1, 1)),
    ]:
        weights[f"{conv}/kernel"] = made_up(height, width, channels, out)
        for name in ("beta", "moving_mean", "moving_variance"):
            weights[f"{norm}/{name}"] = made_up(out)
    for name, (channels, out) in PROJECTS.items():
        weights |= {f"{name}/kernel": made_up(1, 1, channels, out), f"{name}/bias": made_up(out)}
    return weights | {"predictions/kernel": made_up(1536, 1000), "predictions/bias": made_up(1000)}


def test_parameter_count_is_the_published_one() -> None:
    with torch.device("meta"):
        network = InceptionResNetV2()
    assert sum(parameter.numel() for parameter in network.parameters()) == 55_843_464


def test_maps_are_as_large_as_published() -> None:
    """At 299 pixels: 35 x 35 x 192 and 320, 17 x 17 x 1088, 8 x 8 x 2080."""
    with torch.device("meta"):
        network = InceptionResNetV2()
        stem = network.stem(torch.zeros(1, 3, 299, 299))
        mixed_5b = network.mixed_5b(stem)
        mixed_6a = network.mixed_6a(mixed_5b)
        mixed_7a = network.mixed_7a(mixed_6a)
        logits = network(torch.zeros(2, 3, 75, 75))
    assert stem.shape == (1, 192, 35, 35)
    assert mixed_5b.shape == (1, 320, 35, 35)
    assert mixed_6a.shape == (1, 1088, 17, 17)
    assert mixed_7a.shape == (1, 2080, 8, 8)
    assert logits.shape == (2, 1000)


def test_names_of_timm() -> None:
    with torch.device("meta"):
        ours = InceptionResNetV2().state_dict()
    assert {timm_name(name) for name in ours} == timm_names()


@pytest.mark.parametrize("classes", [1000, 1001])
def test_loads_timm(tmp_path: Path, classes: int) -> None:
    network = short_network()
    published = {
        timm_name(name): made_up(*value.shape)
        for name, value in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    published |= {"classif.weight": made_up(classes, 1536), "classif.bias": made_up(classes)}
    torch.save(published, tmp_path / "weights.pth")
    load_inception_weights(network, tmp_path / "weights.pth")
    assert torch.equal(network.classifier.weight, published["classif.weight"][-1000:])
    assert torch.equal(network.classifier.bias, published["classif.bias"][-1000:])
    found = network.get_parameter("mixed_5b.branches.3.1.norm.bias")
    assert torch.equal(found, published["mixed_5b.branch3.1.bn.bias"])
    found = network.get_parameter("blocks_17.0.mixed.branches.1.2.conv.weight")
    assert torch.equal(found, published["repeat_1.0.branch1.2.conv.weight"])


@pytest.mark.parametrize("first_number", [1, 204])
def test_loads_keras(tmp_path: Path, first_number: int) -> None:
    network = short_network()
    published = keras_weights(first_number)
    torch.save(published, tmp_path / "weights.pth")
    load_inception_weights(network, tmp_path / "weights.pth")
    state = network.state_dict()

    def same(own: str, theirs: str) -> bool:
        return torch.equal(state[own], published[theirs])

    seventh = f"{first_number + 7}"
    kernel = published[f"conv2d_{seventh}/kernel"].permute(3, 2, 0, 1)
    assert torch.equal(state["mixed_5b.branches.1.1.conv.weight"], kernel)
    assert same("mixed_5b.branches.1.1.norm.bias", f"batch_normalization_{seventh}/beta")
    assert same(
        "mixed_5b.branches.1.1.norm.running_var", f"batch_normalization_{seventh}/moving_variance"
    )
    assert (state["mixed_5b.branches.1.1.norm.weight"] == 1).all()
    assert same("blocks_17.0.project.bias", "block17_1_conv/bias")
    assert same("head.norm.running_mean", "conv_7b_bn/moving_mean")
    assert torch.equal(state["classifier.weight"], published["predictions/kernel"].T)


def test_other_weights(tmp_path: Path) -> None:
    network = short_network()
    path = tmp_path / "weights.pth"
    torch.save({"conv.weight": torch.zeros(1)}, path)
    with pytest.raises(ModelError, match=r"of timm or Keras; no fit: 'conv2d_1a\.conv\.weight'"):
        load_inception_weights(network, path)
    published = keras_weights(1)
    del published["conv2d_3/kernel"]
    torch.save(published, path)
    with pytest.raises(ModelError, match="of timm or Keras; no fit"):
        load_inception_weights(network, path)
    published = keras_weights(1)
    published["block8_1_conv/bias"] = torch.zeros(3)
    torch.save(published, path)
    with pytest.raises(ModelError, match="size mismatch for blocks_8.0.project.bias"):
        load_inception_weights(network, path)
