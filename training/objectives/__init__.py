"""What a network is trained to do, by the name that recipes use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from ...errors import UsageError
from ..models.options import checked_options
from .conditional_gan import ConditionalGan
from .distillation import Distillation
from .objective import Objective
from .rebalanced_cross_entropy import RebalancedCrossEntropy
from .regression import Regression

# objective -> constructor; its keywords are the objective's options
OBJECTIVES: Final[Mapping[str, Callable[..., Objective]]] = {
    "regression": Regression,
    "rebalanced-cross-entropy": RebalancedCrossEntropy,
    "conditional-gan": ConditionalGan,
    "distillation": Distillation,
}


def build_objective(name: str, options: Mapping[str, Any] = MappingProxyType({})) -> Objective:
    """Build an objective.

    Parameters
    ----------
    name
        In `OBJECTIVES`.
    options
        The table `objective.options` of a recipe.

    Raises
    ------
    UsageError
        The name or an option is unknown, or an option is of the wrong type or out of its range.
    """
    if name not in OBJECTIVES:
        raise UsageError(f"objective.name {name!r}: expected one of {', '.join(OBJECTIVES)}")
    constructor = OBJECTIVES[name]
    return constructor(**checked_options(constructor, options, "objective.options"))
