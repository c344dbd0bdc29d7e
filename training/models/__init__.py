"""The model families, by the name that recipes and checkpoints use."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from ...errors import ModelError
from .base import Base
from .cifar_gan import CifarGan
from .encoder_decoder import EncoderDecoder
from .fusion import FusionInception, FusionLite0
from .lite import Lite
from .mse_cnn import MseCnn
from .network import ColorNetwork
from .options import checked_options
from .pix2pix import Pix2Pix
from .plain_cnn import PlainCnn
from .zhang313 import Zhang313

# family -> constructor; its keywords, all but `pretrained`, are the family's options
FAMILIES: Final[Mapping[str, Callable[..., ColorNetwork]]] = {
    "lite": Lite,
    "base": Base,
    "plain-cnn": PlainCnn,
    "encoder-decoder": EncoderDecoder,
    "fusion": FusionInception,
    "fusion-lite0": FusionLite0,
    "pix2pix": Pix2Pix,
    "mse-cnn": MseCnn,
    "cifar-gan": CifarGan,
    "zhang313": Zhang313,
}


def build_model(
    family: str,
    *,
    pretrained: bool = False,
    options: Mapping[str, Any] = MappingProxyType({}),
) -> ColorNetwork:
    """Build a new network of a family.

    Parameters
    ----------
    family
        A name in `FAMILIES`.
    pretrained
        Start from public weights, in the families that have such a part.
    options
        The table `model.options` of a recipe.

    Raises
    ------
    ModelError
        The family is unknown, or its public weights are not usable.
    MissingDependencyError
        `pretrained` needs a package of weights that is not installed.
    UsageError
        An option is unknown, of the wrong type, or out of its range.
    """
    if family not in FAMILIES:
        raise ModelError(f"model family {family!r}: expected one of {', '.join(FAMILIES)}")
    constructor = FAMILIES[family]
    keywords = checked_options(
        constructor, options, "model.options", without=frozenset({"pretrained"})
    )
    if "pretrained" in inspect.signature(constructor).parameters:
        keywords["pretrained"] = pretrained
    return constructor(**keywords)
