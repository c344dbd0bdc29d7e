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
    names = [name for name in network.state_dict() if not name.endswith("num_batches_tracked")]
    try:
        if "predictions/kernel" in published:
            renamed = _from_keras(network, published)
        else:
            renamed = {name: published[timm_name(name)] for name in names}
        for name in ("classifier.weight", "classifier.bias"):
            renamed[name] = renamed[name][-CLASSES:]
        # Not strict, because batches were counted in some files only.
        network.load_state_dict({name: renamed[name] for name in names}, strict=False)
    except (KeyError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[-1].strip()
        raise ModelError(
            f"{path}: expected Inception-ResNet-v2 of timm or Keras; no fit: {reason}"
        ) from error


def timm_name(name: str) -> str:
    """Translate a key of ours, e.g. blocks_17.3.mixed.branches.1.0.norm.bias."""
    for pattern, replacement in TIMM_NAMES.items():
        name = re.sub(pattern, replacement, name)
    return name


def _from_keras(network: InceptionResNetV2, published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Translate Keras's weights: names to ours, kernels from (H, W, in, out) to (out, in, H, W).

    Most of its layers are numbered in the order in which they were made, which is ours too; the
    numbers may start anywhere. Its norms have no scale, which is a scale of 1.
    """
    layers = {name.partition("/")[0] for name in published}
    convs = [*_numbered(layers, "conv2d"), "conv_7b"]
    norms = [*_numbered(layers, "batch_normalization"), "conv_7b_bn"]
    modules = dict(network.named_modules())
    blocks = [own for own, module in modules.items() if isinstance(module, ConvNorm)]
    renamed: dict[str, Tensor] = {}
    for own, conv, norm in zip(blocks, convs, norms, strict=True):
        renamed[f"{own}.conv.weight"] = published[f"{conv}/kernel"].permute(3, 2, 0, 1)
        renamed[f"{own}.norm.bias"] = published[f"{norm}/beta"]
        renamed[f"{own}.norm.weight"] = torch.ones_like(published[f"{norm}/beta"])
        renamed[f"{own}.norm.running_mean"] = published[f"{norm}/moving_mean"]
        renamed[f"{own}.norm.running_var"] = published[f"{norm}/moving_variance"]
    for own, module in modules.items():
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
