"""The model families, by the name that recipes and checkpoints use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ...errors import ModelError
from .lite import Lite
from .network import ColorNetwork

# family -> constructor(pretrained=...)
FAMILIES: Final[Mapping[str, Callable[..., ColorNetwork]]] = {"lite": Lite}


def build_model(family: str, *, pretrained: bool = False) -> ColorNetwork:
    """Build a new network of a family.

    Raises
    ------
    ModelError
        The family is unknown.
    MissingDependencyError
        `pretrained` needs a package of weights that is not installed.
    """
    if family not in FAMILIES:
        raise ModelError(f"model family {family!r}: expected one of {', '.join(FAMILIES)}")
    return FAMILIES[family](pretrained=pretrained)
