"""The public ImageNet weights of Inception-ResNet-v2, under the names that others gave them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from ...errors import ModelError
from .inception_resnet_v2 import CLASSES, ConvNorm, InceptionResNetV2, Residual
from .weights_file import read_weights

# Ours -> that of the timm package; the modules of `blocks_8` but the last are `repeat_2`.
TIMM_NAMES: Final = {
    r"^stem\.0\.": "conv2d_1a.",
    r"^stem\.1\.": "conv2d_2a.",
    r"^stem\.2\.": "conv2d_2b.",
    r"^stem\.4\.": "conv2d_3b.",
    r"^stem\.5\.": "conv2d_4a.",
    r"^blocks_35\.": "repeat.",
    r"^blocks_17\.": "repeat_1.",
    r"^blocks_8\.9\.": "block8.",
    r"^blocks_8\.": "repeat_2.",
    r"^head\.": "conv2d_7b.",
    r"^classifier\.": "classif.",
    r"\.mixed\.": ".",
    r"\.project\.": ".conv2d.",
    r"\.norm\.": ".bn.",
    # A branch of one convolution is not a sequence there; that of mixed_7a has two.
    r"(?<!mixed_7a)\.branches\.0\.0\.": ".branch0.",
    r"\.branches\.(\d)\.": r".branch\1.",
}


def load_inception_weights(network: InceptionResNetV2, path: Path) -> None:
    """Fill a network, in place.

    Parameters
    ----------
    network
        Of the published size.
    path
        Weights of timm's `inception_resnet_v2` (.safetensors, .pth) or of Keras's
        `InceptionResNetV2` with its top (.h5). A classifier with a 1001st class, the background
        that comes first, loses it.

    Raises
    ------
    MissingDependencyError
        A Keras file, and h5py is not installed.
    ModelError
        The file is unreadable or holds other weights.
    """
    published = read_weights(path)
    translated = _from_keras if "predictions/kernel" in published else _from_timm
    try:
        own = translated(network, published)
    except KeyError as missing:
        raise ModelError(
            f"{path}: no weight {missing}; expected Inception-ResNet-v2 of timm or Keras"
        ) from None
    for name in ("classifier.weight", "classifier.bias"):
        own[name] = own[name][-CLASSES:]
    try:
        network.load_state_dict(own)
    except RuntimeError as mismatch:
        last_line = str(mismatch).splitlines()[-1].strip()
        raise ModelError(f"{path}: not weights of Inception-ResNet-v2: {last_line}") from None


def timm_name(name: str) -> str:
    """Translate a key of ours, e.g. blocks_17.3.mixed.branches.1.0.norm.bias."""
    for pattern, replacement in TIMM_NAMES.items():
        name = re.sub(pattern, replacement, name)
    return name


def _from_timm(network: InceptionResNetV2, published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Translate timm's weights, which differ in their names only."""
    return {name: published[timm_name(name)] for name in network.state_dict() if _counts(name)}


def _from_keras(network: InceptionResNetV2, published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Translate Keras's weights: names to ours, kernels from (H, W, in, out) to (out, in, H, W).

    Most of its layers are numbered in the order in which they were made, which is ours too; the
    numbers may start anywhere. Its norms have no scale, which is a scale of 1.
    """
    layers = {name.split("/")[0] for name in published}
    convs = _numbered(layers, "conv2d")
    norms = _numbered(layers, "batch_normalization")
    names = {module: name for name, module in network.named_modules()}
    blocks = [module for module in network.modules() if isinstance(module, ConvNorm)]
    renamed: dict[str, Tensor] = {}
    pairs = [*zip(convs, norms, strict=True), ("conv_7b", "conv_7b_bn")]
    if len(pairs) != len(blocks):
        raise KeyError(f"conv2d: {len(pairs)} of {len(blocks)}")
    for module, (conv, norm) in zip(blocks, pairs, strict=True):
        own = names[module]
        renamed[f"{own}.conv.weight"] = published[f"{conv}/kernel"].permute(3, 2, 0, 1)
        renamed[f"{own}.norm.bias"] = published[f"{norm}/beta"]
        renamed[f"{own}.norm.weight"] = torch.ones_like(published[f"{norm}/beta"])
        renamed[f"{own}.norm.running_mean"] = published[f"{norm}/moving_mean"]
        renamed[f"{own}.norm.running_var"] = published[f"{norm}/moving_variance"]
    for module, own in names.items():
        if isinstance(module, Residual):
            group, number = own.split(".")
            layer = f"{group.replace('blocks_', 'block')}_{int(number) + 1}_conv"
            renamed[f"{own}.project.weight"] = published[f"{layer}/kernel"].permute(3, 2, 0, 1)
            renamed[f"{own}.project.bias"] = published[f"{layer}/bias"]
    renamed["classifier.weight"] = published["predictions/kernel"].T
    renamed["classifier.bias"] = published["predictions/bias"]
    return renamed


def _numbered(layers: set[str], kind: str) -> list[str]:
    """List the layers called `kind`, `kind_1`, `kind_2` ... by their number."""
    numbers = {
        int(match[1] or 0): name
        for name in layers
        if (match := re.fullmatch(rf"{kind}(?:_(\d+))?", name))
    }
    return [numbers[number] for number in sorted(numbers)]
